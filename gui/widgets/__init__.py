"""The viewer's widgets: small, each told by a session or the controller, none knowing another's insides."""
