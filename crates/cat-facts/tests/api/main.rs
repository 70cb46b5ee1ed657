//! Tests of the application through its router.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod common;
mod routes;
mod upstream;
