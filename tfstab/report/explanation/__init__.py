"""The report of an explanation: a module for each topic, and the page that puts them together."""
