"""Cover and separator sheets: what they say, how they are printed, how they are read back from scans."""
