//! The loop of one group: waits for its next slot, has it evaluated on a thread that may block, and publishes how it
//! went. What it does is decided in `group`, `evaluate` and `schedule`.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::GroupStatus;
use super::evaluate::Context;
use super::file::Group;
use super::group::GroupState;
use super::schedule::{next_slot_ms, slot_at_ms};
use crate::promql::{Engine, Interrupted};
use crate::storage::Db;

/// How long the rules of a group may take together, as Prometheus's query timeout.
const EVALUATION_TIMEOUT: Duration = Duration::from_mins(2);

/// What all groups share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) db: Arc<Db>,
    pub(super) settings: RwLock<Settings>,
}

/// What a new configuration may change while groups go on.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) engine: Engine,
    pub(super) external_labels: Arc<BTreeMap<String, String>>,
}

/// Why a loop shall end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    /// The state goes to its successor.
    HandOver,
    /// The group is gone; its series end.
    Remove,
    /// The server stops; series end by themselves.
    Stop,
}

/// What a loop begins with.
#[derive(Debug)]
pub(super) enum Beginning {
    /// The first one since the start: looks for the state from before.
    Restore,
    /// A group that came with a later configuration.
    Fresh,
    /// A group that was there in another form.
    Inherit(Running),
}

/// A loop under way.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) group: Arc<Group>,
    pub(super) status: watch::Receiver<GroupStatus>,
    pub(super) order: watch::Sender<Order>,
    pub(super) task: JoinHandle<GroupState>,
}

impl Running {
    /// Starts the loop of a group.
    pub(super) fn start(group: Group, shared: &Arc<Shared>, beginning: Beginning) -> Self {
        let group = Arc::new(group);
        let restored = !matches!(beginning, Beginning::Restore);
        let state = GroupState::new(&group, restored);
        let (publish, status) = watch::channel(match &beginning {
            Beginning::Inherit(old) => {
                // Until its first evaluation, the group's times are those of its old form.
                let old = old.status.borrow();
                let last_evaluation_ms = old.last_evaluation_ms;
                let evaluation_time_s = old.evaluation_time_s;
                GroupStatus { last_evaluation_ms, evaluation_time_s, ..state.status(&group) }
            }
            _ => state.status(&group),
        });
        let (order, orders) = watch::channel(Order::Run);
        let run = Loop { group: Arc::clone(&group), shared: Arc::clone(shared), status: publish, orders };
        let task = tokio::spawn(run.run(state, beginning));
        Self { group, status, order, task }
    }
}

struct Loop {
    group: Arc<Group>,
    shared: Arc<Shared>,
    status: watch::Sender<GroupStatus>,
    orders: watch::Receiver<Order>,
}

impl Loop {
    async fn run(mut self, mut state: GroupState, beginning: Beginning) -> GroupState {
        let mut restores = matches!(beginning, Beginning::Restore);
        if let Beginning::Inherit(old) = beginning {
            let _ = old.order.send(Order::HandOver);
            if let Ok(old_state) = old.task.await {
                state.inherit(&self.group, &old.group, old_state);
                self.publish(&state);
            }
        }
        let mut slot_ms = slot_at_ms(&self.group, now_ms()) + self.group.interval_ms;
        let mut evaluations = 0_u64;
        while self.wait_until(slot_ms).await {
            // The first slot is the one that was waited for; later ones may have been missed.
            if evaluations > 0 {
                slot_ms = next_slot_ms(&self.group, slot_ms - self.group.interval_ms, now_ms());
            }
            state = self.evaluate(state, slot_ms, restores && evaluations == 1).await;
            evaluations += 1;
            restores &= evaluations < 2;
            slot_ms += self.group.interval_ms;
        }
        let order = *self.orders.borrow();
        if order == Order::Remove {
            self.end(&mut state).await;
        }
        state
    }

    /// Whether the time came before an order to end. Never waits longer than an interval, should the clock be put
    /// back.
    async fn wait_until(&mut self, time_ms: i64) -> bool {
        let wait_ms = (time_ms - now_ms()).clamp(0, self.group.interval_ms);
        tokio::select! {
            biased;
            () = ended(&mut self.orders) => false,
            () = tokio::time::sleep(Duration::from_millis(wait_ms as u64)) => true,
        }
    }

    /// Evaluates a slot. After the second evaluation since the start, when rules and targets have had the time to
    /// bring their series back, alerts are restored.
    async fn evaluate(&self, state: GroupState, slot_ms: i64, restores: bool) -> GroupState {
        let settings = self.shared.settings.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (group, shared, orders) =
            (Arc::clone(&self.group), Arc::clone(&self.shared), self.orders.clone());
        let evaluated = tokio::task::spawn_blocking(move || {
            let mut state = state;
            let deadline = Instant::now() + EVALUATION_TIMEOUT;
            let interrupt = || match *orders.borrow() {
                Order::Run | Order::HandOver if Instant::now() > deadline => Err(Interrupted::Timeout),
                Order::Run | Order::HandOver => Ok(()),
                Order::Remove | Order::Stop => Err(Interrupted::Canceled),
            };
            let context = Context {
                engine: &settings.engine,
                store: &*shared.db,
                external_labels: &settings.external_labels,
                interrupt: &interrupt,
            };
            state.evaluate(&group, &context, &shared.db, slot_ms, now_ms());
            if restores {
                state.restore(&group, &context, now_ms());
            }
            state
        });
        let state = evaluated.await.unwrap_or_else(|error| {
            tracing::error!(group = self.group.name, %error, "evaluating a rule group panicked; its state is lost");
            GroupState::new(&self.group, true)
        });
        self.publish(&state);
        state
    }

    fn publish(&self, state: &GroupState) {
        self.status.send_replace(state.status(&self.group));
    }

    /// Ends the series of a group that is gone, after two intervals, in which a rule of another name may have taken
    /// them over; and as of now, so that such a rule's samples stand.
    async fn end(&mut self, state: &mut GroupState) {
        let now_ms = now_ms();
        let wait = Duration::from_millis(2 * self.group.interval_ms.unsigned_abs());
        let stopped = self.orders.wait_for(|order| *order == Order::Stop);
        if tokio::time::timeout(wait, stopped).await.is_err() {
            state.end(&self.shared.db, now_ms - self.group.query_offset_ms);
        }
    }
}

/// Ends when there is an order to end, or nobody any more who could give one.
async fn ended(orders: &mut watch::Receiver<Order>) {
    let _ = orders.wait_for(|order| *order != Order::Run).await;
}

/// The time on the clock.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
