"""The guide, in Markdown: read in the repository, in the viewer, with `tfstab guide`, and as a site."""
