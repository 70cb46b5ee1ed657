//! Values with full mantissas that follow a smooth course: each is predicted from those before, and only how many
//! floats it lies off is written. The prediction is linear with coefficients fitted to the chunk (as in FLAC, for
//! floats), so that straight lines, curves and waves leave little more than their rounding errors.
//!
//! The prediction is computed again on reading: only additions, subtractions and multiplications of floats, in one
//! order, which give the same bits on every machine.

use super::bits::{BitReader, BitWriter, small_bits};

/// The most coefficients.
const MAX_COEFFICIENTS: usize = 8;

/// The most times that differences are taken.
const MAX_DIFFERENCES: usize = 3;

/// Bits of a coefficient that may be kept, from the highest on.
const PRECISIONS: [u32; 4] = [28, 36, 48, 64];

/// How often a value is subtracted from the next, and what of those differences is fitted, most useful first.
const MODELS: [(usize, usize); 5] = [(1, 2), (1, 3), (2, 2), (1, 4), (1, 8)];

/// Fewer values than this are not worth coefficients.
const MIN_FITTED: usize = 64;

/// If the bits a value are this few without coefficients, these save nothing.
const GOOD_ENOUGH_BITS: u64 = 5;

/// A float as a whole number, so that neighbours differ by one. Only for finite values, and not for minus zero.
fn ordinal(value: f64) -> i64 {
    let magnitude = (value.to_bits() & (u64::MAX >> 1)) as i64;
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

fn from_ordinal(ordinal: i64) -> f64 {
    let sign = if ordinal < 0 { 1 << 63 } else { 0 };
    f64::from_bits(sign | ordinal.unsigned_abs())
}

/// Whether [`ordinal`] can be taken of it.
pub(super) fn fits(value: f64) -> bool {
    value.is_finite() && !(value == 0.0 && value.is_sign_negative())
}

/// How the next value is guessed.
#[derive(Debug, Clone, Copy, Default)]
struct Model {
    /// How often differences are taken; at most [`MAX_DIFFERENCES`].
    differences: usize,
    /// How many of `coefficients` count.
    order: usize,
    coefficients: [f64; MAX_COEFFICIENTS],
}

/// A model and what it remembers.
#[derive(Debug)]
struct Predictor {
    model: Model,
    /// The newest value, its difference from the one before, the difference of that ...
    levels: [f64; MAX_DIFFERENCES],
    /// The newest differences of the last level, newest first.
    history: [f64; MAX_COEFFICIENTS],
    seen: usize,
}

impl Predictor {
    fn new(model: Model) -> Self {
        Self { model, levels: [0.0; MAX_DIFFERENCES], history: [0.0; MAX_COEFFICIENTS], seen: 0 }
    }

    /// How many values come before the first real prediction.
    fn warm_up(model: &Model) -> usize {
        model.differences + model.order
    }

    #[inline]
    fn predict(&self) -> f64 {
        let mut next = 0.0;
        for level in self.levels.iter().take(self.model.differences) {
            next += level;
        }
        if self.seen >= Self::warm_up(&self.model) {
            let mut sum = 0.0;
            for (coefficient, past) in
                self.model.coefficients.iter().zip(&self.history).take(self.model.order)
            {
                sum += coefficient * past;
            }
            next += sum;
        } else if self.model.order > 0 {
            next += self.history[0];
        }
        if next.is_finite() { next } else { self.levels[0] }
    }

    #[inline]
    fn learn(&mut self, value: f64) {
        let mut difference = value;
        let known = self.model.differences.min(self.seen);
        for level in self.levels.iter_mut().take(known) {
            let next = difference - *level;
            *level = difference;
            difference = next;
        }
        if known < self.model.differences {
            self.levels[known] = difference;
        } else if self.model.order > 0 {
            self.history.copy_within(0..MAX_COEFFICIENTS - 1, 1);
            self.history[0] = difference;
        }
        self.seen += 1;
    }
}

/// Values as distances from what a model predicts, ready to be written.
#[derive(Debug)]
pub(super) struct Predicted {
    model: Model,
    precision: usize,
    shift: u32,
    residuals: Vec<i64>,
    bits: u64,
}

impl Predicted {
    /// The best model for `values`, for all of which [`fits`] holds. With `thorough` models are fitted, too.
    pub(super) fn new(values: &[f64], thorough: bool) -> Self {
        let shift = values.iter().map(|&value| ordinal(value).trailing_zeros()).min().unwrap_or(0).min(63);
        let plain = |differences| {
            let model = Model { differences, ..Model::default() };
            Self::with(model, 0, shift, values)
        };
        let mut best = [2, 3].map(plain).into_iter().fold(plain(1), Self::smaller);
        if !thorough || values.len() < MIN_FITTED || best.bits <= GOOD_ENOUGH_BITS * values.len() as u64 {
            return best;
        }
        // How well a model fits shows with all its digits; how few it needs is then asked of the best one only.
        let whole = PRECISIONS.len() - 1;
        let fitted = MODELS
            .into_iter()
            .filter_map(|(differences, order)| fit(values, differences, order))
            .map(|model| Self::with(model, whole, shift, values))
            .min_by_key(Self::bits);
        let Some(fitted) = fitted else { return best };
        let model = fitted.model;
        best = best.smaller(fitted);
        for precision in (0..whole).rev() {
            let rounded = Self::with(rounded(model, precision), precision, shift, values);
            if rounded.bits >= best.bits {
                break;
            }
            best = rounded;
        }
        best
    }

    fn with(model: Model, precision: usize, shift: u32, values: &[f64]) -> Self {
        let mut predictor = Predictor::new(model);
        let residuals: Vec<i64> = values
            .iter()
            .map(|&value| {
                let residual = (ordinal(value) >> shift).wrapping_sub(ordinal(predictor.predict()) >> shift);
                predictor.learn(value);
                residual
            })
            .collect();
        let (warm, rest) = residuals.split_at(Predictor::warm_up(&model).min(residuals.len()));
        let sized = |&number: &i64| 7 + u64::from(64 - super::bits::zigzag(number).leading_zeros());
        let bits = 20
            + warm.iter().map(sized).sum::<u64>()
            + small_bits(rest)
            + u64::from(PRECISIONS[precision]) * model.order as u64;
        Self { model, precision, shift, residuals, bits }
    }

    fn smaller(self, other: Self) -> Self {
        if other.bits < self.bits { other } else { self }
    }

    /// About how many bits it takes.
    pub(super) fn bits(&self) -> u64 {
        self.bits
    }

    pub(super) fn write(&self, writer: &mut BitWriter) {
        writer.write(self.model.differences as u64, 2);
        writer.write(self.model.order as u64, 4);
        writer.write(self.precision as u64, 2);
        writer.write(u64::from(self.shift), 6);
        let precision = PRECISIONS[self.precision];
        for coefficient in self.model.coefficients.iter().take(self.model.order) {
            writer.write(coefficient.to_bits() >> (64 - precision), precision);
        }
        let warm_up = Predictor::warm_up(&self.model).min(self.residuals.len());
        let (warm, rest) = self.residuals.split_at(warm_up);
        for &residual in warm {
            writer.write_sized(super::bits::zigzag(residual));
        }
        writer.write_small(rest);
    }
}

/// Hands `count` values to `take`. `None` if it is not what [`Predicted::write`] wrote.
pub(super) fn read(count: usize, reader: &mut BitReader<'_>, mut take: impl FnMut(f64)) -> Option<()> {
    let mut model = Model { differences: reader.read(2) as usize, ..Model::default() };
    model.order = reader.read(4) as usize;
    let precision = *PRECISIONS.get(reader.read(2) as usize)?;
    let shift = reader.read(6) as u32;
    for coefficient in model.coefficients.get_mut(..model.order)? {
        *coefficient = f64::from_bits(reader.read(precision) << (64 - precision));
    }
    let warm_up = Predictor::warm_up(&model).min(count);
    let mut predictor = Predictor::new(model);
    let mut next = |residual: i64| {
        let number = (ordinal(predictor.predict()) >> shift).wrapping_add(residual) << shift;
        let value = from_ordinal(number);
        predictor.learn(value);
        take(value);
    };
    for _ in 0..warm_up {
        next(super::bits::unzigzag(reader.read_sized()));
    }
    reader.read_small(count - warm_up, next);
    Some(())
}

/// The model with its coefficients as they will be read back.
fn rounded(mut model: Model, precision: usize) -> Model {
    let lost = 64 - PRECISIONS[precision];
    for coefficient in &mut model.coefficients {
        let half = if lost == 0 { 0 } else { 1 << (lost - 1) };
        *coefficient = f64::from_bits((coefficient.to_bits().wrapping_add(half) >> lost) << lost);
    }
    model
}

/// Least squares: the coefficients with which the differences predict the next one best.
fn fit(values: &[f64], differences: usize, order: usize) -> Option<Model> {
    let mut series = values.to_vec();
    for _ in 0..differences {
        for at in (1..series.len()).rev() {
            series[at] -= series[at - 1];
        }
        series.remove(0);
    }
    let scale = series.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    if !(scale > 0.0 && scale.is_finite()) || series.len() <= 2 * order {
        return None;
    }
    for value in &mut series {
        *value /= scale;
    }
    let mut matrix = [[0.0; MAX_COEFFICIENTS]; MAX_COEFFICIENTS];
    for at in order..series.len() {
        for row in 0..order {
            for column in 0..=row {
                matrix[row][column] += series[at - 1 - row] * series[at - 1 - column];
            }
        }
    }
    // Keeps the matrix invertible where the past is redundant; the rounds below take the bias out again.
    let ridge = matrix[0][0] * 1e-13 + f64::MIN_POSITIVE;
    for (at, row) in matrix.iter_mut().enumerate().take(order) {
        row[at] += ridge;
    }
    let triangle = cholesky(&matrix, order)?;
    let mut model = Model { differences, order, ..Model::default() };
    for _ in 0..4 {
        let mut wanted = [0.0; MAX_COEFFICIENTS];
        for at in order..series.len() {
            let mut off = series[at];
            for (coefficient, past) in model.coefficients[..order].iter().zip(series[..at].iter().rev()) {
                off -= coefficient * past;
            }
            for (sum, past) in wanted[..order].iter_mut().zip(series[..at].iter().rev()) {
                *sum += off * past;
            }
        }
        for (coefficient, change) in model.coefficients.iter_mut().zip(solve(&triangle, wanted, order)) {
            *coefficient += change;
        }
    }
    model.coefficients.iter().all(|coefficient| coefficient.is_finite()).then_some(model)
}

type Square = [[f64; MAX_COEFFICIENTS]; MAX_COEFFICIENTS];

/// The lower triangle whose product with its transpose is `matrix`.
fn cholesky(matrix: &Square, order: usize) -> Option<Square> {
    let mut triangle = [[0.0; MAX_COEFFICIENTS]; MAX_COEFFICIENTS];
    for row in 0..order {
        for column in 0..=row {
            let mut rest = matrix[row][column];
            for (left, right) in triangle[row].iter().zip(&triangle[column]).take(column) {
                rest -= left * right;
            }
            if row == column {
                if rest <= 0.0 {
                    return None;
                }
                triangle[row][row] = rest.sqrt();
            } else {
                triangle[row][column] = rest / triangle[column][column];
            }
        }
    }
    Some(triangle)
}

fn solve(triangle: &Square, mut vector: [f64; MAX_COEFFICIENTS], order: usize) -> [f64; MAX_COEFFICIENTS] {
    for row in 0..order {
        for column in 0..row {
            vector[row] -= triangle[row][column] * vector[column];
        }
        vector[row] /= triangle[row][row];
    }
    for row in (0..order).rev() {
        for column in row + 1..order {
            vector[row] -= triangle[column][row] * vector[column];
        }
        vector[row] /= triangle[row][row];
    }
    vector
}
