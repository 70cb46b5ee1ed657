//! The command line.

pub mod query;
