"""The timetable: what runs when."""
