//! The text formats that targets answer with: Prometheus's text format 0.0.4 and OpenMetrics 1.0.
