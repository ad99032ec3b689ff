"""Pairs written without a look at the search, and committed before their first run."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Twins, weights

from jacfuzz.target import IndexShapes

PIECES, PIECE_START, READOUT, CEILING = weights(601, 3, 3, 4), weights(602, 3, 3), weights(603, 2, 3), 1.6
FEATURES, PRIOR, LABELS = weights(604, 4, 2), 0.4 * weights(605, 4, 3), np.array([0, 2, 1, 2])
GAUGE, GAUGE_START, KEPT = 0.5 + np.abs(weights(606, 6)), weights(607, 6), np.array([0.0, 2.0, 1.0, 1.0, 2.0, 0.0])
WAGES, PENSIONS = weights(608, 5, 3), weights(609, 5)
DESIGN, RESPONSE, FLAT, REACH = weights(610, 5, 3), weights(611, 5), 0.7, 2.6
NORMAL, LEVEL, LOW, HIGH = weights(612, 4), -0.4, -1.0 + 0.2 * weights(613, 4), 0.9 + 0.2 * weights(614, 4)
RULES, RULE_CENTRES, ADVICE = weights(615, 3, 2, 4), weights(616, 3, 2), 2.0 * weights(617, 3)
DRIFT, MEMORY, ALLOWANCE = 0.4 + 0.3 * weights(618, 5), 0.95, 0.25
BRIGHTNESS = weights(619, 3, 4)
OUTLINE, MARKS = 1.3 * weights(620, 4, 2), weights(621, 3, 2)
POSTS, SLACK, PULL = weights(622, 3, 2), 0.5 + 0.3 * np.abs(weights(623, 4)), 0.5 + np.abs(weights(624, 4))
KNOTTED = np.array([[1.0, 0.0, 0.0], [-1.0, 1.0, 0.0], [0.0, -1.0, 1.0], [1.0, 0.0, -1.0]])
HOOKS = np.array([1.0, 0.0, 0.0, 0.0])[:, None] * weights(625, 2)
SCENARIOS, HEDGE, AVERSION = weights(626, 6, 3), weights(627, 6), np.array([0.02, 0.05, 0.1, 0.16, 0.27, 0.4])
GOALS, SUPPLY, GAIN, RESET, BLEED = weights(628, 4), 0.8, 1.4, 0.5, 0.7
SIGNAL, RISE, FALL = 0.5 * weights(629, 5), 0.7, -0.4
NEIGHBOUR = 0.3 * weights(630, 2)
SEASON, STORMS, MELT_RATE = 0.8 + 0.6 * weights(631, 4), weights(632, 4), 0.9
SENSORS, SENSOR_ZERO, EXPECTED = weights(633, 4, 3), weights(634, 4), 0.8 * weights(635, 4)
BIDS, BIDS_START, RESERVE, RESERVE_START = weights(636, 5, 4), weights(637, 5), weights(638, 4), 0.6
TREND = 0.7 * weights(639, 6)
HOURS, RATES = np.cumsum(0.3 + np.abs(weights(640, 6))) - 3.0, weights(641, 6)
BENDS = np.diff(RATES) / np.diff(HOURS)
VOLUMES = np.concatenate([[0.0], np.cumsum(0.5 * (RATES[1:] + RATES[:-1]) * np.diff(HOURS))])
CLOCKS, CLOCKS_START = weights(642, 3, 4), weights(643, 3)
PAY, PAY_START, OTHER_START = 0.8 + np.abs(weights(644, 3)), tuple(1.5 + weights(645, 3)), tuple(weights(646, 3))
ORDERED, ASKED = tuple(1.2 + 0.5 * weights(647, 3)), tuple(1.4 + 0.5 * weights(648, 3))
SALE, STAKES = tuple(1.2 + 0.5 * weights(649, 3)), tuple(0.3 * weights(650, 3))
PARTNER_SHARES = (1.0, 0.35, 0.9, 0.6)


def _piece_values(x):
    return PIECES @ x + PIECE_START


def maxout(x):
    return READOUT @ np.minimum(np.max(_piece_values(x), axis=1), CEILING)


def maxout_jac(x):
    values = _piece_values(x)
    best = np.argmax(values, axis=1)
    return (READOUT * (np.max(values, axis=1) < CEILING)) @ PIECES[np.arange(3), best]


def maxout_winners(x):
    values = _piece_values(x)
    top = np.max(values, axis=1, keepdims=True)
    return (READOUT * (top[:, 0] < CEILING)) @ np.einsum("uk,ukn->un", values == top, PIECES)


def _margins(x):
    scores = FEATURES @ x.T + PRIOR
    rivals = np.where(np.arange(3) == LABELS[:, None], -np.inf, scores)
    return rivals, 1.0 + np.max(rivals, axis=1) - scores[np.arange(4), LABELS]


def multiclass_hinge(x):
    return np.sum(np.maximum(_margins(x)[1], 0.0))


def multiclass_hinge_jac(x):
    rivals, margins = _margins(x)
    push = np.zeros((4, 3))
    push[np.arange(4), np.argmax(rivals, axis=1)] = margins > 0.0
    push[np.arange(4), LABELS] = -np.sum(push, axis=1)
    return push.T @ FEATURES


def multiclass_hinge_parts(x):
    rivals, margins = _margins(x)
    push = np.zeros((4, 3))
    push[np.arange(4), np.argmax(rivals, axis=1)] = margins >= 0.0
    push[np.arange(4), LABELS] = -1.0 * (margins > 0.0)
    return push.T @ FEATURES


def winsorized(x):
    z = GAUGE * x + GAUGE_START
    ranked = np.sort(z)
    return np.mean(np.clip(z, ranked[1], ranked[4]))


def winsorized_jac(x):
    order = np.argsort(GAUGE * x + GAUGE_START, kind="stable")
    result = np.zeros(6)
    result[order] = KEPT * GAUGE[order] / 6.0
    return result


def winsorized_counts(x):
    z = GAUGE * x + GAUGE_START
    low, high = np.partition(z, (1, 4))[[1, 4]]
    inside = (low < z) & (z < high)
    counts = inside + (z == low) * np.count_nonzero(z <= low) + (z == high) * np.count_nonzero(z >= high)
    return counts * GAUGE / 6.0


def gini(x):
    z = WAGES @ x + PENSIONS
    return np.sum(np.abs(z[:, None] - z)) / 25.0


def gini_jac(x):
    z = WAGES @ x + PENSIONS
    return np.sum(np.sign(z[:, None] - z), axis=1) @ WAGES * 2.0 / 25.0


def gini_ranks(x):
    z = WAGES @ x + PENSIONS
    ranks = np.sum(z[:, None] >= z, axis=1)
    return (2.0 * ranks - 6.0) @ WAGES * 2.0 / 25.0


def scad(x):
    size = np.abs(DESIGN @ x - RESPONSE)
    bent = (2.0 * REACH * FLAT * size - size**2 - FLAT**2) / (2.0 * (REACH - 1.0))
    far = 0.5 * FLAT**2 * (REACH + 1.0)
    return np.sum(np.where(size <= FLAT, FLAT * size, np.where(size <= REACH * FLAT, bent, far)))


def scad_jac(x):
    r = DESIGN @ x - RESPONSE
    size = np.abs(r)
    slope = np.where(size <= FLAT, FLAT, np.maximum(REACH * FLAT - size, 0.0) / (REACH - 1.0))
    return (np.sign(r) * slope) @ DESIGN


def scad_indicators(x):
    r = DESIGN @ x - RESPONSE
    size = np.abs(r)
    bent = np.maximum(REACH * FLAT - size, 0.0) / ((REACH - 1.0) * FLAT)
    return (np.sign(r) * FLAT * ((size <= FLAT) + bent * (size >= FLAT))) @ DESIGN


def _below_plane(x):
    over = NORMAL @ x - LEVEL
    return over, x - np.maximum(over, 0.0) / (NORMAL @ NORMAL) * NORMAL


def plane_and_box(x):
    return np.clip(_below_plane(x)[1], LOW, HIGH)


def plane_and_box_jac(x):
    over, p = _below_plane(x)
    inside = (p > LOW) & (p < HIGH)
    result = np.diag(1.0 * inside)
    if over > 0.0:
        result -= np.outer(inside * NORMAL, NORMAL) / (NORMAL @ NORMAL)
    return result


def plane_and_box_parts(x):
    over, p = _below_plane(x)
    result = np.diag(1.0 * (np.clip(p, LOW, HIGH) == p))
    if over > 0.0:
        result -= np.outer(((p > LOW) & (p < HIGH)) * NORMAL, NORMAL) / (NORMAL @ NORMAL)
    return result


def _grades(x):
    z = RULES @ x + RULE_CENTRES
    return z, 1.0 / (1.0 + z * z)


def fuzzy_rules(x):
    strength = np.min(_grades(x)[1], axis=1)
    return strength @ ADVICE / np.sum(strength)


def _fuzzy_slope(x, choose):
    z, grades = _grades(x)
    strength = np.min(grades, axis=1)
    slopes = (-2.0 * z * grades**2 * choose(grades))[:, :, None] * RULES
    advice = (ADVICE - strength @ ADVICE / np.sum(strength)) / np.sum(strength)
    return advice @ np.sum(slopes, axis=1)


def fuzzy_rules_jac(x):
    return _fuzzy_slope(x, lambda grades: np.arange(2) == np.argmin(grades, axis=1)[:, None])


def fuzzy_rules_least(x):
    return _fuzzy_slope(x, lambda grades: grades <= grades[:, ::-1])


def cusum(x):
    total, result = 0.0, []
    for value in 0.9 * x + DRIFT:
        total = max(MEMORY * total + value - ALLOWANCE, 0.0)
        result.append(total)
    return np.array(result)


def cusum_jac(x):
    total, row, result = 0.0, np.zeros(5), []
    for k, value in enumerate(0.9 * x + DRIFT):
        total, row = MEMORY * total + value - ALLOWANCE, MEMORY * row
        row[k] = 0.9
        if total <= 0.0:
            total, row = 0.0, np.zeros(5)
        result.append(row)
    return np.array(result)


def cusum_last(x):
    total, row, result = 0.0, np.zeros(5), []
    for k, value in enumerate(0.9 * x + DRIFT):
        total = MEMORY * total + value - ALLOWANCE
        row = MEMORY * row if total > 0.0 else np.zeros(5)
        if total >= 0.0:
            row[k] = 0.9
        total = max(total, 0.0)
        result.append(row)
    return np.array(result)


def _energies(x):
    return (0.8 * x + BRIGHTNESS) ** 2


def _seam_costs(x):
    rows = []
    for energy in _energies(x):
        if rows:
            over = rows[-1]
            best = [min(over[max(k - 1, 0) : k + 2]) for k in range(4)]
            rows.append([cost + value for cost, value in zip(best, energy, strict=True)])
        else:
            rows.append(list(energy))
    return rows


def seam(x):
    return min(_seam_costs(x)[-1])


def seam_jac(x):
    costs, carved = _seam_costs(x), np.zeros((3, 4))
    k = min(range(4), key=costs[2].__getitem__)
    carved[2, k] = 1.0
    for row in (1, 0):
        k = min(range(max(k - 1, 0), min(k + 2, 4)), key=costs[row].__getitem__)
        carved[row, k] = 1.0
    return 1.6 * carved * (0.8 * x + BRIGHTNESS)


def seam_pixels(x):
    costs, carved = _seam_costs(x), np.zeros((3, 4))
    carved[2] = np.equal(costs[2], min(costs[2]))
    for row in (1, 0):
        for k in np.flatnonzero(carved[row + 1]):
            near = costs[row][max(k - 1, 0) : k + 2]
            carved[row, max(k - 1, 0) : k + 2] += np.equal(near, min(near))
    return 1.6 * carved * (0.8 * x + BRIGHTNESS)


def _between(x):
    gaps = (0.9 * x + MARKS)[:, None] - OUTLINE
    return gaps, np.sum(gaps * gaps, axis=2)


def hausdorff(x):
    _, squares = _between(x)
    there, back = np.max(np.min(squares, axis=1)), np.max(np.min(squares, axis=0))
    return np.sqrt(np.maximum(there, back))


def hausdorff_jac(x):
    gaps, squares = _between(x)
    there, back = np.min(squares, axis=1), np.min(squares, axis=0)
    if np.max(there) >= np.max(back):
        i = np.argmax(there)
        j = np.argmin(squares[i])
    else:
        j = np.argmax(back)
        i = np.argmin(squares[:, j])
    result = np.zeros((3, 2))
    result[i] = 0.9 * gaps[i, j] / np.sqrt(squares[i, j])
    return result


def hausdorff_attained(x):
    gaps, squares = _between(x)
    worst = max(np.max(np.min(squares, axis=1)), np.max(np.min(squares, axis=0)))
    return 0.9 * np.einsum("ij,ijn->in", squares == worst, gaps) / np.sqrt(worst)


def _spans(x):
    return KNOTTED @ (0.8 * x + POSTS) - HOOKS


def ropes(x):
    spans = _spans(x)
    lengths = np.sqrt(np.maximum(np.sum(spans * spans, axis=1), SLACK**2))
    return 0.5 * PULL @ (lengths - SLACK) ** 2


def ropes_jac(x):
    spans = _spans(x)
    lengths = np.sqrt(np.maximum(np.sum(spans * spans, axis=1), SLACK**2))
    return 0.8 * KNOTTED.T @ ((PULL * (lengths - SLACK) / lengths)[:, None] * spans)


def ropes_directions(x):
    spans = _spans(x)
    lengths = np.sqrt(np.sum(spans * spans, axis=1))
    tension = PULL * np.maximum(lengths - SLACK, 0.0)
    return 0.8 * KNOTTED.T @ (tension[:, None] * (spans / lengths[:, None]))


def spectral_risk(x):
    return AVERSION @ np.sort(SCENARIOS @ x + HEDGE)


def spectral_risk_jac(x):
    return AVERSION @ SCENARIOS[np.argsort(SCENARIOS @ x + HEDGE)]


def spectral_risk_ranks(x):
    _, ranks = np.unique(SCENARIOS @ x + HEDGE, return_inverse=True)
    return AVERSION[ranks] @ SCENARIOS


def anti_windup(x):
    level, integral, result = 0.2, 0.0, []
    for goal in 1.1 * x + GOALS:
        error = goal - level
        asked = GAIN * error + integral
        given = min(max(asked, -SUPPLY), SUPPLY)
        integral = integral + RESET * error + BLEED * (given - asked)
        level = level + 0.5 * (given - level)
        result.append(level)
    return np.array(result)


def _regulated(x, works, bleeds):
    level, integral, result = 0.2, 0.0, []
    level_slope, integral_slope = np.zeros(4), np.zeros(4)
    for k, goal in enumerate(1.1 * x + GOALS):
        error, error_slope = goal - level, 1.1 * np.eye(4)[k] - level_slope
        asked, asked_slope = GAIN * error + integral, GAIN * error_slope + integral_slope
        given = min(max(asked, -SUPPLY), SUPPLY)
        integral = integral + RESET * error + BLEED * (given - asked)
        integral_slope = integral_slope + RESET * error_slope - BLEED * bleeds(asked) * asked_slope
        level = level + 0.5 * (given - level)
        level_slope = level_slope + 0.5 * (works(asked) * asked_slope - level_slope)
        result.append(level_slope)
    return np.array(result)


def anti_windup_jac(x):
    return _regulated(x, lambda asked: abs(asked) < SUPPLY, lambda asked: abs(asked) >= SUPPLY)


def anti_windup_limits(x):
    return _regulated(x, lambda asked: abs(asked) <= SUPPLY, lambda asked: abs(asked) >= SUPPLY)


def slew(x):
    level, result = 0.4, []
    for value in 1.2 * x + SIGNAL:
        level = level + np.clip(value - level, FALL, RISE)
        result.append(level)
    return np.stack(result)


def _slew_rows(x, follows, waits):
    level, row, result = 0.4, np.zeros(5), []
    for k, value in enumerate(1.2 * x + SIGNAL):
        step = value - level
        row = follows(step) * 1.2 * np.eye(5)[k] + waits(step) * row
        level = level + min(max(step, FALL), RISE)
        result.append(row)
    return np.array(result)


def slew_jac(x):
    return _slew_rows(x, lambda step: FALL < step < RISE, lambda step: not FALL < step < RISE)


def slew_closed(x):
    return _slew_rows(x, lambda step: FALL <= step <= RISE, lambda step: step <= FALL or step >= RISE)


def _log_sizes(box):
    return 3.0 * np.tanh(box[2:] / 3.0)


def _area(box):
    return np.exp(np.sum(_log_sizes(box)))


def _sides(x, y):
    ends = []
    for centre, size in ((x[:2], np.exp(_log_sizes(x))), (0.9 * y[:2] + NEIGHBOUR, np.exp(_log_sizes(y)))):
        ends += [centre - 0.5 * size, centre + 0.5 * size]
    low, high, other_low, other_high = ends
    return ends, np.maximum(np.minimum(high, other_high) - np.maximum(low, other_low), 0.0)


def box_overlap(x, y):
    _, sides = _sides(x, y)
    shared = sides[0] * sides[1]
    return shared / (_area(x) + _area(y) - shared)


def _overlap_slope(sides, box, other, nearer_high, nearer_low):
    shared, area = sides[0] * sides[1], _area(box)
    union = area + _area(other) - shared
    across = sides[::-1] * (shared > 0.0)
    moved = across * (1.0 * nearer_high - 1.0 * nearer_low)
    grown = 0.5 * np.exp(_log_sizes(box)) * across * (1.0 * nearer_high + 1.0 * nearer_low)
    sized = (grown * (union + shared) - shared * area) * (1.0 - np.tanh(box[2:] / 3.0) ** 2)
    return np.concatenate([moved * (union + shared), sized]) / union**2


def box_overlap_jac(x, y):
    (low, high, other_low, other_high), sides = _sides(x, y)
    dx = _overlap_slope(sides, x, y, high <= other_high, low >= other_low)
    dy = _overlap_slope(sides, y, x, high > other_high, low < other_low)
    return dx, dy * np.array([0.9, 0.9, 1.0, 1.0])


def box_overlap_strict(x, y):
    (low, high, other_low, other_high), sides = _sides(x, y)
    dx = _overlap_slope(sides, x, y, high < other_high, low > other_low)
    dy = _overlap_slope(sides, y, x, other_high < high, other_low > low)
    return dx, dy * np.array([0.9, 0.9, 1.0, 1.0])


def snowpack(x, y):
    pack, flow, result = 0.9, 0.2, []
    for warmth, storm in zip(1.3 * x + SEASON, y + STORMS, strict=True):
        fallen = 0.3 + 0.5 * storm * storm
        snowing = min(max(0.5 * (1.2 - warmth), 0.0), 1.0)
        pack = pack + snowing * fallen
        melt = min(MELT_RATE * max(warmth, 0.0), pack)
        pack = pack - melt
        flow = 0.6 * flow + melt + (1.0 - snowing) * fallen
        result.append(flow)
    return np.array(result)


def _thaw(x, y, melting):
    pack, pack_slope, flow_slope, result = 0.9, np.zeros(8), np.zeros(8), []
    for k, (warmth, storm) in enumerate(zip(1.3 * x + SEASON, y + STORMS, strict=True)):
        fallen, fallen_slope = 0.3 + 0.5 * storm * storm, storm * np.eye(8)[4 + k]
        cold = 0.5 * (1.2 - warmth)
        snowing, snowing_slope = min(max(cold, 0.0), 1.0), -0.65 * (0.0 < cold < 1.0) * np.eye(8)[k]
        pack = pack + snowing * fallen
        pack_slope = pack_slope + snowing * fallen_slope + fallen * snowing_slope
        able, able_slope = MELT_RATE * max(warmth, 0.0), MELT_RATE * 1.3 * (warmth > 0.0) * np.eye(8)[k]
        melt_slope, left_slope = melting(able, pack, able_slope, pack_slope)
        pack, pack_slope = pack - min(able, pack), left_slope
        flow_slope = 0.6 * flow_slope + melt_slope + (1.0 - snowing) * fallen_slope - fallen * snowing_slope
        result.append(flow_slope)
    return np.array(result)[:, :4], np.array(result)[:, 4:]


def _some_left(able, pack, able_slope, pack_slope):
    return (able_slope, pack_slope - able_slope) if able < pack else (pack_slope, np.zeros(8))


def _halves_left(able, pack, able_slope, pack_slope):
    share = 1.0 if able < pack else 0.5 if able == pack else 0.0
    left_slope = pack_slope - able_slope if able < pack else np.zeros(8)
    return share * able_slope + (1.0 - share) * pack_slope, left_slope


def snowpack_jac(x, y):
    return _thaw(x, y, _some_left)


def snowpack_halves(x, y):
    return _thaw(x, y, _halves_left)


def _policy(x, y):
    ratio = jnp.exp(0.6 * x - 0.2)
    return ratio, jnp.clip(ratio, 0.8, 1.2), 1.4 * (y - 0.65)


def jax_ppo(x, y):
    ratio, clipped, advantage = _policy(x, y)
    return jnp.minimum(ratio * advantage, clipped * advantage)


def jax_ppo_jac(x, y):
    ratio, clipped, advantage = _policy(x, y)
    free = ratio * advantage <= clipped * advantage
    return jnp.diag(jnp.where(free, 0.6 * ratio * advantage, 0.0)), jnp.diag(1.4 * jnp.where(free, ratio, clipped))


def jax_ppo_cases(x, y):
    ratio, _, advantage = _policy(x, y)
    good, bad = advantage > 0.0, advantage < 0.0
    free = (good & (ratio < 1.2)) | (bad & (ratio > 0.8))
    dy = good * jnp.minimum(ratio, 1.2) + bad * jnp.maximum(ratio, 0.8)
    return jnp.diag(jnp.where(free, 0.6 * ratio * advantage, 0.0)), jnp.diag(1.4 * dy)


def _readings(x):
    off = jnp.asarray(SENSORS) @ x + jnp.asarray(SENSOR_ZERO)
    z = jnp.asarray(EXPECTED) + off
    return z, off, jnp.abs(z) + jnp.abs(jnp.asarray(EXPECTED))


def jax_canberra(x):
    _, off, size = _readings(x)
    return jnp.sum(jnp.abs(off) / size)


def jax_canberra_jac(x):
    z, off, size = _readings(x)
    return (jnp.sign(off) / size - jnp.abs(off) * jnp.sign(z) / size**2) @ jnp.asarray(SENSORS)


def jax_canberra_ratio(x):
    z, off, size = _readings(x)
    terms = jnp.abs(off) / size
    return (terms * (1.0 / off - jnp.sign(z) / size)) @ jnp.asarray(SENSORS)


def _sealed_bids(x):
    reserve = jnp.asarray(RESERVE) @ x + RESERVE_START
    return *jax.lax.top_k(jnp.asarray(BIDS) @ x + jnp.asarray(BIDS_START), 2), reserve


def jax_auction(x):
    (first, second), _, reserve = _sealed_bids(x)
    return jnp.maximum(first - jnp.maximum(second, reserve), 0.0)


def jax_auction_jac(x):
    (first, second), bidders, reserve = _sealed_bids(x)
    bids = jnp.asarray(BIDS)[bidders]
    price_slope = jnp.where(second >= reserve, bids[1], jnp.asarray(RESERVE))
    return jnp.where(first > jnp.maximum(second, reserve), bids[0] - price_slope, 0.0)


def jax_auction_masks(x):
    (first, second), bidders, reserve = _sealed_bids(x)
    bids = jnp.asarray(BIDS)[bidders]
    price_slope = (second > reserve) * bids[1] + (second < reserve) * jnp.asarray(RESERVE)
    return jnp.where(first > jnp.maximum(second, reserve), bids[0] - price_slope, 0.0)


def _windows(x):
    z = 0.9 * x + jnp.asarray(TREND)
    return jnp.stack([z[:-2], z[1:-1], z[2:]], axis=1)


def jax_median_filter(x):
    return jnp.sort(_windows(x), axis=1)[:, 1]


def jax_median_filter_jac(x):
    middle = jnp.argsort(_windows(x), axis=1)[:, 1]
    return 0.9 * jnp.eye(6)[jnp.arange(4) + middle]


def jax_median_filter_found(x):
    windows = _windows(x)
    middle = jnp.argmax(windows == jnp.median(windows, axis=1, keepdims=True), axis=1)
    return 0.9 * jnp.eye(6)[jnp.arange(4) + middle]


def _segment(t, side):
    return jnp.searchsorted(jnp.asarray(HOURS[1:5]), t, side=side, method="compare_all")


def jax_pumped(x):
    t = jnp.asarray(CLOCKS) @ x + jnp.asarray(CLOCKS_START)
    k = _segment(t, "right")
    since = t - jnp.asarray(HOURS)[k]
    return jnp.asarray(VOLUMES)[k] + since * (jnp.asarray(RATES)[k] + 0.5 * since * jnp.asarray(BENDS)[k])


def _pumped_slope(t, before, after):
    bend = jnp.asarray(BENDS)[after] * (t - jnp.asarray(HOURS)[after])
    return (jnp.asarray(RATES)[before] + bend)[:, None] * jnp.asarray(CLOCKS)


def jax_pumped_jac(x):
    t = jnp.asarray(CLOCKS) @ x + jnp.asarray(CLOCKS_START)
    return _pumped_slope(t, _segment(t, "right"), _segment(t, "right"))


def jax_pumped_left(x):
    t = jnp.asarray(CLOCKS) @ x + jnp.asarray(CLOCKS_START)
    return _pumped_slope(t, _segment(t, "left"), _segment(t, "right"))


def _incomes(x, o):
    wage = PAY[o] * x[2 * o] + PAY_START[o]
    return wage, 0.93 * wage + 0.8 * x[2 * o + 1] + OTHER_START[o]


def _granted(wage, income):
    return min(0.4 * wage, 1.1) - 0.25 * max(max(wage, income) - 0.6, 0.0)


def _wage_slope(i, o):
    return PAY[o] * (i == 2 * o)


def _income_slope(i, o):
    return 0.93 * PAY[o] * (i == 2 * o) + 0.8 * (i == 2 * o + 1)


def scalar_earned_credit(x):
    def f(o):
        return max(_granted(*_incomes(x, o)), 0.0)

    def dx(i, o):
        wage, income = _incomes(x, o)
        if _granted(wage, income) <= 0.0:
            return 0.0
        result = 0.4 * _wage_slope(i, o) if 0.4 * wage < 1.1 else 0.0
        if max(wage, income) > 0.6:
            result -= 0.25 * (_income_slope(i, o) if income > wage else _wage_slope(i, o))
        return result

    return f, dx


def scalar_earned_credit_tests(x):
    def dx(i, o):
        wage, income = _incomes(x, o)
        if _granted(wage, income) <= 0.0:
            return 0.0
        result = 0.4 * _wage_slope(i, o) if 0.4 * wage < 1.1 else 0.0
        if income > 0.6 and income >= wage:
            result -= 0.25 * _income_slope(i, o)
        if wage > 0.6 and wage >= income:
            result -= 0.25 * _wage_slope(i, o)
        return result

    return scalar_earned_credit(x)[0], dx


def _shelf(x, o):
    left = max(_shelf(x, o - 1)[0] - _shelf(x, o - 1)[1], 0.0) if o > 0 else 0.25
    return left + 0.9 * x[2 * o] + ORDERED[o], 1.1 * x[2 * o + 1] + 0.2 * x[2 * o] + ASKED[o]


def _shelf_slope(x, i, o):
    slope = 0.9 * (i == 2 * o)
    if o > 0:
        stock, demand = _shelf(x, o - 1)
        if stock > demand:
            slope += _shelf_slope(x, i, o - 1) - _demand_slope(i, o - 1)
    return slope


def _demand_slope(i, o):
    return 1.1 * (i == 2 * o + 1) + 0.2 * (i == 2 * o)


def scalar_inventory(x):
    def f(o):
        stock, demand = _shelf(x, o)
        return 1.5 * min(stock, demand) + 0.4 * max(stock - demand, 0.0) - 0.6 * max(demand - stock, 0.0)

    def dx(i, o):
        stock, demand = _shelf(x, o)
        if stock > demand:
            return 0.4 * _shelf_slope(x, i, o) + 1.1 * _demand_slope(i, o)
        return 2.1 * _shelf_slope(x, i, o) - 0.6 * _demand_slope(i, o)

    return f, dx


def scalar_inventory_cases(x):
    def dx(i, o):
        stock, demand = _shelf(x, o)
        sold_slope = left_slope = missed_slope = 0.0
        if stock > demand:
            sold_slope = _demand_slope(i, o)
            left_slope = _shelf_slope(x, i, o) - _demand_slope(i, o)
        elif demand > stock:
            sold_slope = _shelf_slope(x, i, o)
            missed_slope = _demand_slope(i, o) - _shelf_slope(x, i, o)
        return 1.5 * sold_slope + 0.4 * left_slope - 0.6 * missed_slope

    return scalar_inventory(x)[0], dx


def _deal(x, o):
    root = 0.7 * x[2 * o + 1] + STAKES[o]
    capital = 0.4 + root * root
    proceeds = SALE[o] * x[2 * o] - 0.3 * x[2 * o + 1] + 0.5
    return root, proceeds, (capital, 1.25 * capital, 1.25 * capital + 0.45)


def scalar_waterfall(x):
    def f(o):
        _, proceeds, hurdles = _deal(x, o)
        total = PARTNER_SHARES[0] * proceeds
        for k, hurdle in enumerate(hurdles):
            if proceeds > hurdle:
                total += (PARTNER_SHARES[k + 1] - PARTNER_SHARES[k]) * (proceeds - hurdle)
        return total

    return f, lambda i, o: _paid_slope(x, i, o, sum(_deal(x, o)[1] > hurdle for hurdle in _deal(x, o)[2]))


def _paid_slope(x, i, o, tier):
    root, proceeds, hurdles = _deal(x, o)
    result = PARTNER_SHARES[tier] * (SALE[o] * (i == 2 * o) - 0.3 * (i == 2 * o + 1))
    for k, (hurdle, scale) in enumerate(zip(hurdles, (1.0, 1.25, 1.25), strict=True)):
        if proceeds > hurdle:
            result -= (PARTNER_SHARES[k + 1] - PARTNER_SHARES[k]) * scale * 1.4 * root * (i == 2 * o + 1)
    return result


def scalar_waterfall_tiers(x):
    def dx(i, o):
        _, proceeds, hurdles = _deal(x, o)
        return _paid_slope(x, i, o, sum(proceeds >= hurdle for hurdle in hurdles))

    return scalar_waterfall(x)[0], dx


SIXTH: tuple[Twins, ...] = (
    Twins("maxout", maxout, maxout_jac, maxout_winners, {"x": "4"}),
    Twins("multiclass hinge", multiclass_hinge, multiclass_hinge_jac, multiclass_hinge_parts, {"x": "3 2"}),
    Twins("winsorized mean", winsorized, winsorized_jac, winsorized_counts, {"x": "6"}),
    Twins("gini", gini, gini_jac, gini_ranks, {"x": "3"}),
    Twins("scad", scad, scad_jac, scad_indicators, {"x": "3"}),
    Twins("plane and box", plane_and_box, plane_and_box_jac, plane_and_box_parts, {"x": "4"}),
    Twins("fuzzy rules", fuzzy_rules, fuzzy_rules_jac, fuzzy_rules_least, {"x": "4"}),
    Twins("cusum", cusum, cusum_jac, cusum_last, {"x": "5"}),
    Twins("seam", seam, seam_jac, seam_pixels, {"x": "3 4"}),
    Twins("hausdorff", hausdorff, hausdorff_jac, hausdorff_attained, {"x": "3 2"}),
    Twins("ropes", ropes, ropes_jac, ropes_directions, {"x": "3 2"}),
    Twins("spectral risk", spectral_risk, spectral_risk_jac, spectral_risk_ranks, {"x": "3"}),
    Twins("anti windup", anti_windup, anti_windup_jac, anti_windup_limits, {"x": "4"}),
    Twins("slew", slew, slew_jac, slew_closed, {"x": "5"}),
    Twins("box overlap", box_overlap, box_overlap_jac, box_overlap_strict, {"x": "4", "y": "4"}),
    Twins("snowpack", snowpack, snowpack_jac, snowpack_halves, {"x": "4", "y": "4"}),
    Twins("ppo in jax", jax_ppo, jax_ppo_jac, jax_ppo_cases, {"x": "n", "y": "n"}, "jax"),
    Twins("canberra in jax", jax_canberra, jax_canberra_jac, jax_canberra_ratio, {"x": "3"}, "jax"),
    Twins("auction in jax", jax_auction, jax_auction_jac, jax_auction_masks, {"x": "4"}, "jax"),
    Twins("median filter in jax", jax_median_filter, jax_median_filter_jac, jax_median_filter_found, {"x": "6"}, "jax"),
    Twins("pumped volume in jax", jax_pumped, jax_pumped_jac, jax_pumped_left, {"x": "4"}, "jax"),
    Twins(
        "scalar earned credit",
        scalar_earned_credit,
        scalar_earned_credit,
        scalar_earned_credit_tests,
        {},
        index=IndexShapes(((6,),), (3,)),
    ),
    Twins(
        "scalar inventory",
        scalar_inventory,
        scalar_inventory,
        scalar_inventory_cases,
        {},
        index=IndexShapes(((6,),), (3,)),
    ),
    Twins(
        "scalar waterfall",
        scalar_waterfall,
        scalar_waterfall,
        scalar_waterfall_tiers,
        {},
        index=IndexShapes(((6,),), (3,)),
    ),
)
