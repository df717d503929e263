"""The viewer's widgets; each follows a session or the controller and uses no other widget's private parts."""
