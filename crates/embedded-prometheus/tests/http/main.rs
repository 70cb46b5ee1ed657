//! A server over HTTP, asked by promtool and compared with a real Prometheus.
#![cfg(feature = "server")]

mod promtool;
mod running;
mod side_by_side;
