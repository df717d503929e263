"""`python -m tfstab.gui`, and the command `tfstab-viewer`."""

import sys


def main() -> int:
    """Run the viewer and return the exit code; if the system lacks a library that Qt needs, say which."""
    try:
        from tfstab.gui import app
    except ImportError as error:
        library, found, _ = str(error).partition(": cannot open shared object file")
        if not found:
            raise
        sys.stderr.write(
            f"tfstab-viewer: Qt needs {library}, which this system lacks: `tfstab guide install` lists the packages to "
            "install.\n"
        )
        return 2
    return app.main()


if __name__ == "__main__":
    sys.exit(main())
