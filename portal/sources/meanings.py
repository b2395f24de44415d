"""PURE: what the texts of a source mean: statuses (national numbers and names, and those of vendors) and channels.

Tables only, shipped as the default; the newest version of a source's own mapping wins over them. Texts are compared
folded.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.cases.rules import Meaning
from portal.vietnamese import key_of

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


VENDOR: dict[int, tuple[str, Meaning]] = {
    0: ("Đăng ký mới trực tuyến", Meaning.NOT_COUNTED),
    1: ("Chuyển phòng chuyên môn", Meaning.OPEN),
    2: ("Chờ xử lý", Meaning.OPEN),
    3: ("Chờ bổ sung", Meaning.PAUSED),
    4: ("Chờ ký duyệt", Meaning.OPEN),
    5: ("Đã trả kết quả", Meaning.FINISHED),
    6: ("Đã xử lý xong", Meaning.FINISHED),
    7: ("Yêu cầu rút", Meaning.WITHDRAWN),
    8: ("Không xử lý được", Meaning.REFUSED),
    9: ("Chờ NVTC", Meaning.PAUSED),
    12: ("Chờ liên thông", Meaning.OPEN),
    13: ("Đã nhận KQ liên thông", Meaning.OPEN),
    14: ("Chờ trả TB NVTC", Meaning.PAUSED),
    15: ("Đang xử lý", Meaning.OPEN),
    16: ("Không tiếp nhận", Meaning.NOT_COUNTED),
    17: ("Đã bổ sung, chờ tiếp nhận", Meaning.NOT_COUNTED),
    18: ("Đã rút", Meaning.WITHDRAWN),
    19: ("Mới tiếp nhận", Meaning.OPEN),
}
"""The numbers of a vendor whose systems do not use the national ones: 5 is an end there and a pause in the national
list, so a source takes them only when a person says so (``vendor_meanings``)."""
NATIONAL_TEXTS = {
    1: "Mới đăng ký",
    2: "Được tiếp nhận",
    3: "Không được tiếp nhận",
    4: "Đang xử lý",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính",
    7: "Công dân yêu cầu rút hồ sơ",
    8: "Dừng xử lý",
    9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}


def vendor_meanings() -> dict[str, str]:
    """The vendor's numbers as a source's own meanings."""
    return {str(number): meaning.value for number, (_, meaning) in VENDOR.items()}


def folded(words: Mapping[str, str]) -> dict[str, str]:
    """Own meanings or channels of a source by the keys that files are compared with.

    Who says what a national status means says so for its number too.
    """
    found = {key_of(text): meant for text, meant in words.items()}
    for number, text in NATIONAL_TEXTS.items():
        if key_of(text) in found:
            found.setdefault(str(number), found[key_of(text)])
    return found


def meaning_of(status: str, own: Mapping[str, str] | None = None) -> Meaning | None:
    """The meaning of a status as the source writes it: a name, a number, or both ("9 - Đã xử lý xong").

    ``own``: what the source itself means by a text (folded) or number. None where nobody has said what it means.
    """
    key = key_of(status)
    number, _, rest = key.partition(" ")
    parts = (key, rest, number) if number.isdecimal() and rest else (key,)
    if own:
        for part in parts:
            if part in own:
                return Meaning(own[part])
    for part in parts:
        known = NATIONAL.get(int(part)) if part.isdecimal() else NAMES.get(part)
        if known is not None:
            return known
    return None


def channel_of(text: str, own: Mapping[str, str] | None = None) -> str:
    """``direct``, ``online``, ``postal`` or ``unknown``. ``own``: what the source itself means, by folded text."""
    key = key_of(text)
    return (own.get(key) if own else None) or CHANNEL_NAMES.get(key, "unknown")
