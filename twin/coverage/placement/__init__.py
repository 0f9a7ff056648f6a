"""Where cameras should be: candidates from the site's geometry, and the best choice of them with its proof."""
