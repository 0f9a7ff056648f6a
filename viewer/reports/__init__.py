"""What is handed to a client: reports to print, workbooks, pictures."""
