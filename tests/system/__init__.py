"""Files and programs: what no checkout can turn against whoever works in it."""
