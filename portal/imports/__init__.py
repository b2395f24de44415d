"""Files of the one-stop system become cases: read, mapped, checked, shown, applied; and what could not be placed."""
