"""What is known of bills and exchange rates; the file `bills.sqlite3` of the home."""
