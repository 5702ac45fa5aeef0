//! User Segments: the page.
