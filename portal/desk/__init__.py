"""The home page of each role: what waits for you today. Also the frame's menu and the help page."""
