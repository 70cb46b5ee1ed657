//! Tests of the application through its router.

mod common;
mod routes;
mod upstream;
