//! promscope: Grafana-lite in the terminal, a dashboard for Prometheus.
//!
//! `ARCHITECTURE.md` draws the house; in short: [`app`] decides, [`runtime`] does, [`ui`] shows.

pub mod app;
pub mod builtin;
pub mod chart;
pub mod cli;
pub mod config;
pub mod dashboard;
pub mod engine;
pub mod export;
pub mod field;
pub mod format;
pub mod generate;
pub mod keymap;
pub mod layout;
pub mod panel;
pub mod pattern;
pub mod query;
pub mod reduce;
pub mod runtime;
pub mod series;
pub mod source;
pub mod template;
pub mod text;
pub mod theme;
pub mod time_range;
pub mod transform;
pub mod ui;
pub mod unit;
pub mod variable;
