"""The officer explains, the head concludes."""
