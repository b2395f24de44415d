"""PURE: what the texts of a source mean: statuses (national numbers and names, and those of vendors) and channels.

Tables only; a source's own meanings (``sources.meanings``) win over them. Texts are compared folded.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.cases.rules import Meaning
from portal.imports.header import key_of

NATIONAL = {
    1: Meaning.NOT_COUNTED,
    2: Meaning.OPEN,
    3: Meaning.NOT_COUNTED,
    4: Meaning.OPEN,
    5: Meaning.PAUSED,
    6: Meaning.PAUSED,
    7: Meaning.WITHDRAWN,
    8: Meaning.REFUSED,
    9: Meaning.FINISHED,
    10: Meaning.FINISHED,
}
"""The ten national statuses by number (domain rules, facts in, 10)."""

TEXTS: dict[Meaning, tuple[str, ...]] = {
    Meaning.NOT_COUNTED: (
        "Mới đăng ký",
        "Đăng ký mới trực tuyến",
        "Đăng ký mới",
        "Không được tiếp nhận",
        "Không tiếp nhận",
        "Từ chối tiếp nhận",
        "Chờ tiếp nhận",
        "Hồ sơ chờ tiếp nhận",
        "Chưa tiếp nhận",
        "Hồ sơ mới đăng ký",
        "Đã bổ sung chờ tiếp nhận",
    ),
    Meaning.OPEN: (
        "Được tiếp nhận",
        "Đã tiếp nhận",
        "Mới tiếp nhận",
        "Tiếp nhận",
        "Đang xử lý",
        "Đang giải quyết",
        "Chờ xử lý",
        "Đang thụ lý",
        "Chuyển phòng chuyên môn",
        "Chờ ký duyệt",
        "Chờ phê duyệt",
        "Trình ký",
        "Đang trình ký",
        "Chờ liên thông",
        "Đang liên thông",
        "Đã nhận KQ liên thông",
        "Đã nhận kết quả liên thông",
        "Đang thẩm định",
        "Đã bổ sung",
        "Đã tiếp nhận bổ sung",
        "Đang xử lý trong hạn",
        "Đang xử lý quá hạn",
        "Đang giải quyết trong hạn",
        "Đang giải quyết quá hạn",
        "Trong hạn",
        "Chưa đến hạn",
        "Quá hạn chưa giải quyết",
        "Đang xử lý (quá hạn)",
        "Đến hạn",
        "Sắp đến hạn",
        "Chưa giải quyết",
        "Chưa xử lý xong",
        "Đang chờ xử lý",
    ),
    Meaning.PAUSED: (
        "Yêu cầu bổ sung giấy tờ",
        "Yêu cầu bổ sung hồ sơ",
        "Yêu cầu bổ sung",
        "Chờ bổ sung",
        "Chờ bổ sung hồ sơ",
        "Tạm dừng",
        "Tạm dừng xử lý",
        "Yêu cầu thực hiện nghĩa vụ tài chính",
        "Chờ thực hiện nghĩa vụ tài chính",
        "Chờ NVTC",
        "Thực hiện nghĩa vụ tài chính",
        "Chờ nghĩa vụ tài chính",
        "Chờ trả TB NVTC",
        "Chờ trả thông báo NVTC",
        "Tạm dừng chờ bổ sung",
        "Chờ công dân bổ sung",
    ),
    Meaning.WITHDRAWN: (
        "Công dân yêu cầu rút hồ sơ",
        "Yêu cầu rút hồ sơ",
        "Yêu cầu rút",
        "Đã rút",
        "Rút hồ sơ",
        "Hồ sơ rút",
        "Đã rút hồ sơ",
        "Công dân rút hồ sơ",
        "Rút",
    ),
    Meaning.REFUSED: (
        "Dừng xử lý",
        "Không xử lý được",
        "Từ chối",
        "Từ chối giải quyết",
        "Không giải quyết",
        "Dừng giải quyết",
        "Trả lại hồ sơ",
        "Không đủ điều kiện giải quyết",
        "Đã từ chối",
        "Từ chối hồ sơ",
    ),
    Meaning.FINISHED: (
        "Đã xử lý xong",
        "Xử lý xong",
        "Đã trả kết quả",
        "Trả kết quả",
        "Đã giải quyết",
        "Hoàn thành",
        "Đã hoàn thành",
        "Đã kết thúc",
        "Kết thúc",
        "Đã có kết quả",
        "Có kết quả",
        "Chờ trả kết quả",
        "Đã xử lý",
        "Đã giải quyết xong",
        "Đúng hạn",
        "Trước hạn",
        "Trễ hạn",
        "Đã giải quyết đúng hạn",
        "Đã giải quyết trước hạn",
        "Đã giải quyết trễ hạn",
        "Đã giải quyết quá hạn",
        "Đã xử lý đúng hạn",
        "Đã xử lý trước hạn",
        "Đã xử lý quá hạn",
        "Đã xử lý trễ hạn",
        "Đã đóng",
        "Đã ban hành",
        "Đã ban hành kết quả",
        "Đã hoàn thành đúng hạn",
    ),
}

NAMES = {key_of(text): meaning for meaning, texts in TEXTS.items() for text in texts}

CHANNELS: dict[str, tuple[str, ...]] = {
    "direct": ("Trực tiếp", "Nộp trực tiếp", "Tại quầy", "Tại bộ phận một cửa", "1", "Tiếp nhận trực tiếp"),
    "online": (
        "Trực tuyến",
        "Nộp trực tuyến",
        "Qua mạng",
        "Online",
        "2",
        "Trực tuyến toàn trình",
        "Trực tuyến một phần",
        "Toàn trình",
        "Một phần",
        "Cổng dịch vụ công",
        "Dịch vụ công trực tuyến",
        "DVCTT",
        "Tiếp nhận trực tuyến",
        "Trực tuyến hình thức khác",
        "Cổng DVC",
        "DVC trực tuyến",
        "Cổng dịch vụ công quốc gia",
    ),
    "postal": (
        "Bưu chính",
        "Bưu chính công ích",
        "BCCI",
        "Qua bưu chính",
        "Qua bưu điện",
        "Bưu điện",
        "3",
        "Dịch vụ bưu chính công ích",
        "Qua dịch vụ bưu chính công ích",
        "Dịch vụ bưu chính",
        "Qua dịch vụ bưu chính",
    ),
}
CHANNEL_NAMES = {key_of(text): channel for channel, texts in CHANNELS.items() for text in texts}


def meaning_of(status: str, own: Mapping[str, str] | None = None) -> Meaning | None:
    """The meaning of a status as the source writes it: a name, a number, or both ("9 - Đã xử lý xong").

    ``own``: what the source itself means by a text (folded) or number. None where nobody has said what it means.
    """
    key = key_of(status)
    if own and key in own:
        return Meaning(own[key])
    if key.isdecimal():
        return NATIONAL.get(int(key))
    if key in NAMES:
        return NAMES[key]
    number, _, rest = key.partition(" ")
    if number.isdecimal() and rest:
        return meaning_of(rest, own) or NATIONAL.get(int(number))
    return None


def channel_of(text: str) -> str:
    """``direct``, ``online``, ``postal`` or ``unknown``."""
    return CHANNEL_NAMES.get(key_of(text), "unknown")


def channel_by(text: str, own: Mapping[str, str]) -> str:
    """The same, where a source has words of its own (folded)."""
    return own.get(key_of(text)) or channel_of(text)


ASKING = frozenset(
    key_of(text)
    for text in (
        "Yêu cầu bổ sung giấy tờ", "Yêu cầu bổ sung hồ sơ", "Yêu cầu bổ sung", "Chờ bổ sung", "Chờ bổ sung hồ sơ",
        "Tạm dừng chờ bổ sung", "Chờ công dân bổ sung",
    )
)  # fmt: skip
"""Statuses that ask the applicant for a supplement."""
RECEIVED = frozenset(
    key_of(text) for text in ("Được tiếp nhận", "Đã tiếp nhận", "Mới tiếp nhận", "Tiếp nhận", "Chờ xử lý")
)
HANDED_OVER = frozenset(key_of(text) for text in ("Đã trả kết quả", "Trả kết quả", "Đã đóng"))
STAGES = {
    Meaning.NOT_COUNTED: 0,
    Meaning.OPEN: 2,
    Meaning.PAUSED: 2,
    Meaning.WITHDRAWN: 3,
    Meaning.REFUSED: 3,
    Meaning.FINISHED: 3,
}
NUMBERED = {1: 0, 2: 1, 3: 0, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3, 10: 4}
"""The stages of the national statuses: registered, received, in work or paused, ended, handed over."""


def stage_of(status: str, meaning: str) -> int:
    """How far a case has come, by its status and, where that says less, by its meaning.

    The meaning rules where the two differ, as a source may mean something else by a number.
    """
    key, coarse = key_of(status), STAGES[Meaning(meaning)]
    number, _, rest = key.partition(" ")
    if number.isdecimal() and int(number) in NUMBERED:
        fine = NUMBERED[int(number)]
    elif key in RECEIVED:
        fine = 1
    elif key in HANDED_OVER:
        fine = 4
    else:
        return coarse
    return fine if {fine, coarse} in ({1, 2}, {3, 4}) else coarse
