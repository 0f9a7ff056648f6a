"""The site folder, the product's file format: `read`, `load` and `write`. See ``docs/site-folder.md``."""

from twin.site_folder.issues import SiteIssue
from twin.site_folder.reading import Loaded, load, read
from twin.site_folder.writing import write

__all__ = ["Loaded", "SiteIssue", "load", "read", "write"]
