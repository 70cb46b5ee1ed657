//! Dashboard files: one file a format, each turning text into a [`crate::dashboard::Dashboard`].
