//! The caller's patience: what long work asks now and then whether to go on.

/// Why the caller wants a query to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// Its time is over.
    Timeout,
    /// Nobody waits for the answer any more.
    Canceled,
}

/// Asked by a running query every few thousand values; the clock is on the caller's side.
pub trait Interrupt {
    /// Whether to go on.
    fn check(&self) -> Result<(), Interrupted>;
}

/// Never stops a query.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forever;

impl Interrupt for Forever {
    fn check(&self) -> Result<(), Interrupted> {
        Ok(())
    }
}

impl<F: Fn() -> Result<(), Interrupted>> Interrupt for F {
    fn check(&self) -> Result<(), Interrupted> {
        self()
    }
}
