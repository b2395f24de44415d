"""Đúng Hạn: every late case explained, apologised for and concluded."""
