"""Pairs written without a look at the search, and committed before their first run."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Twins, weights

from jacfuzz.target import IndexShapes

READINGS, OBSERVED, TRUSTED = weights(701, 6, 3), weights(702, 6), 4
WHEELS, IDLING, FASTEST = weights(703, 4, 3), 0.3 * weights(704, 4), 1.2
HULLS, DRAUGHT = weights(705, 4, 3), 0.6 + 0.4 * weights(706, 4)
FRONTS = weights(707, 3, 4)
DEMANDS, QUOTAS, STIFFNESS = weights(708, 4, 3), weights(709, 4), 1.7
COUPLING, RETURNS = weights(710, 4, 4), 0.8 * weights(711, 4)
STIFF, STEADY, GRIP = weights(712, 2, 2, 3), 0.4 * weights(713, 2, 2), 0.9
LAYERS, HAZE, COLOURS = 0.5 * weights(714, 5, 4), 0.5 + 0.2 * weights(715, 5), np.abs(weights(716, 5, 3))
PROFILE = weights(717, 7)
AGES, AGES_START = weights(718, 3, 4), weights(719, 3)
ALONE, SHARED = 0.2 + 0.3 * np.abs(weights(720, 3)), 0.3 + 0.3 * np.abs(weights(721, 3))
FIRST_OF, SECOND_OF = np.array([0, 0, 1]), np.array([1, 2, 2])
BUILT_IN, CARRIERS = weights(722, 5), 0.5 + np.abs(weights(723, 5))
EYES, EYES_START, HALF = 0.6 * weights(724, 2, 3, 3), 0.3 * weights(725, 2, 3), 1.0 + np.abs(weights(726, 3))
RAYS = np.sign(weights(727, 2, 3)) * (0.4 + np.abs(weights(727, 2, 3)))
SOURCES, TARGETS = np.array([0, 2, 3, 1, 3, 0, 1, 2]), np.array([1, 1, 1, 2, 2, 3, 3, 0])
SENT, RECEIVED, OFFERED = weights(728, 2), weights(729, 2), weights(730, 8)
SPOTS, STRIKES = 0.5 * weights(731, 3, 3), 0.4 * weights(732, 3, 3)
SPOT_NOW, STRIKE_NOW, UP, RISING, DISCOUNT = 1.0, 1.1, 1.25, 0.52, 0.96
TOWNS, ROADS = 1.2 * weights(733, 4, 2), ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
READY, WORK = 0.4 * np.abs(weights(734, 3)), weights(735, 5)
PAYOFFS = weights(736, 2, 2)
STRAINS, YIELD, REMAINING = weights(737, 5), 0.6, 0.25
BEAMS, AIMED, KNOTS = weights(738, 3, 2), weights(739, 3), (0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 3.0, 3.0)
LOUDNESS, SQUEEZE = tuple(0.3 + 0.6 * weights(740, 3)), 0.7
BOND, CALLED, CONVERTED = tuple(1.0 + 0.4 * weights(741, 3)), tuple(1.2 + 0.4 * weights(742, 3)), tuple(weights(743, 3))
STATIONS, MOMENTS = tuple(np.cumsum(0.5 + np.abs(weights(744, 4))) - 2.0), tuple(weights(745, 3))
SPEAKERS, SPEAKERS_START = tuple(0.6 + np.abs(weights(746, 7))), tuple(weights(747, 7))
LOADS, FUELS = tuple(2.0 + 0.6 * weights(748, 3)), tuple(1.0 + 0.3 * weights(749, 3))
LEAST, MOST, CURVE, GRID_CURVE, GRID_PRICE = 0.3, 1.7, 0.8, 1.3, 0.5


def least_trimmed(x):
    return np.sum(np.sort((READINGS @ x - OBSERVED) ** 2)[:TRUSTED])


def least_trimmed_jac(x):
    errors = READINGS @ x - OBSERVED
    kept = np.argsort(errors**2, kind="stable")[:TRUSTED]
    return 2.0 * errors[kept] @ READINGS[kept]


def least_trimmed_cut(x):
    errors = READINGS @ x - OBSERVED
    cut = np.partition(errors**2, TRUSTED - 1)[TRUSTED - 1]
    return 2.0 * (errors * (errors**2 <= cut)) @ READINGS


def wheel_speeds(x):
    speeds = WHEELS @ x + IDLING
    return speeds * FASTEST / np.maximum(np.max(np.abs(speeds)), FASTEST)


def _scaled_down(speeds, peak_slope):
    peak = max(np.max(np.abs(speeds)), FASTEST)
    return FASTEST * (WHEELS / peak - np.outer(speeds, peak_slope) / peak**2)


def wheel_speeds_jac(x):
    speeds = WHEELS @ x + IDLING
    k = np.argmax(np.abs(speeds))
    return _scaled_down(speeds, (np.abs(speeds[k]) > FASTEST) * np.sign(speeds[k]) * WHEELS[k])


def wheel_speeds_peaks(x):
    speeds = WHEELS @ x + IDLING
    peaks = (np.abs(speeds) == np.max(np.abs(speeds))) & (np.abs(speeds) > FASTEST)
    return _scaled_down(speeds, (np.sign(speeds) * peaks) @ WHEELS)


def _immersed(x, y):
    depth, radius = HULLS @ x + DRAUGHT, 0.4 + 0.3 * y * y
    return depth, radius, np.clip(depth, 0.0, 2.0 * radius)


def buoyancy(x, y):
    _, radius, wet = _immersed(x, y)
    return np.pi * wet**2 * (3.0 * radius - wet) / 3.0


def buoyancy_jac(x, y):
    _, radius, wet = _immersed(x, y)
    return (np.pi * wet * (2.0 * radius - wet))[:, None] * HULLS, np.diag(0.6 * np.pi * y * wet**2)


def buoyancy_cases(x, y):
    depth, radius, wet = _immersed(x, y)
    floating, sunk = (depth > 0.0) & (depth < 2.0 * radius), depth > 2.0 * radius
    dx = (floating * np.pi * wet * (2.0 * radius - wet))[:, None] * HULLS
    return dx, np.diag(0.6 * y * np.pi * (floating * wet**2 + sunk * 4.0 * radius**2))


def _arrivals(x, y):
    z = 0.9 * x + FRONTS
    return z, np.minimum(z[:, 0], z[:, 1]), np.minimum(z[:, 2], z[:, 3]), 0.3 + 0.5 * y * y


def eikonal(x, y):
    _, across, along, cell = _arrivals(x, y)
    gap = across - along
    both = 0.5 * (across + along + np.sqrt(np.maximum(2.0 * cell**2 - gap**2, cell**2)))
    return np.where(np.abs(gap) >= cell, np.minimum(across, along) + cell, both)


def _eikonal_slopes(x, y, combine):
    z, across, along, cell = _arrivals(x, y)
    gap = across - along
    root = np.sqrt(np.maximum(2.0 * cell**2 - gap**2, cell**2))
    d_across = combine(gap, cell, gap < 0.0, 0.5 - 0.5 * gap / root)
    d_along = combine(gap, cell, gap > 0.0, 0.5 + 0.5 * gap / root)
    west, south = z[:, 0] <= z[:, 1], z[:, 2] <= z[:, 3]
    dz = np.stack([d_across * west, d_across * ~west, d_along * south, d_along * ~south], axis=1)
    return 0.9 * np.eye(3)[:, :, None] * dz, np.diag(y * combine(gap, cell, 1.0, cell / root))


def eikonal_jac(x, y):
    return _eikonal_slopes(x, y, lambda gap, cell, one, two: np.where(np.abs(gap) >= cell, one, two))


def eikonal_sum(x, y):
    return _eikonal_slopes(x, y, lambda gap, cell, one, two: (np.abs(gap) >= cell) * one + (np.abs(gap) <= cell) * two)


def multipliers(x, y):
    excess = DEMANDS @ x - QUOTAS
    active = y + STIFFNESS * excess >= 0.0
    return np.where(active, y * excess + 0.5 * STIFFNESS * excess**2, -0.5 * y**2 / STIFFNESS)


def multipliers_jac(x, y):
    excess = DEMANDS @ x - QUOTAS
    force = np.maximum(y + STIFFNESS * excess, 0.0)
    return force[:, None] * DEMANDS, np.diag(np.maximum(excess, -y / STIFFNESS))


def multipliers_sets(x, y):
    excess = DEMANDS @ x - QUOTAS
    force = y + STIFFNESS * excess
    active, idle = force >= 0.0, force <= 0.0
    return (active * force)[:, None] * DEMANDS, np.diag(active * excess - idle * y / STIFFNESS)


def complementarity(x):
    slack = COUPLING @ x + RETURNS
    return x + slack - np.hypot(x, slack)


def _complementarity_slope(x, divide):
    slack = COUPLING @ x + RETURNS
    size = np.hypot(x, slack)
    return np.diag(divide(size - x, size)) + divide(size - slack, size)[:, None] * COUPLING


def complementarity_jac(x):
    return _complementarity_slope(x, lambda part, size: np.divide(part, size, out=np.ones(4), where=size > 0.0))


def complementarity_guarded(x):
    return _complementarity_slope(x, lambda part, size: np.divide(part, size, out=np.zeros(4), where=size > 0.0))


def _asked_of_tyres(x):
    force = STIFF @ x[:3] + STEADY
    return force, np.sqrt(np.sum(force * force, axis=1)), GRIP * (0.3 + x[3:] ** 2)


def tyre_grip(x):
    force, size, limit = _asked_of_tyres(x)
    return force * (limit / np.maximum(size, limit))[:, None]


def _tyre_slopes(x, turns, grows):
    force, size, limit = _asked_of_tyres(x)
    unit = force / np.maximum(size, limit)[:, None]
    across = STIFF - unit[:, :, None] * np.einsum("tc,tcn->tn", unit, STIFF)[:, None, :]
    slides = turns(size, limit)[:, None, None]
    slip = np.where(slides, (limit / np.maximum(size, limit))[:, None, None] * across, STIFF)
    load = (2.0 * GRIP * x[3:] * grows(size, limit))[:, None, None] * unit[:, :, None] * np.eye(2)[:, None, :]
    return np.concatenate([slip, load], axis=2)


def tyre_grip_jac(x):
    return _tyre_slopes(x, np.greater, np.greater)


def tyre_grip_sliding(x):
    return _tyre_slopes(x, np.greater, np.greater_equal)


def _opacities(x):
    z = LAYERS @ x + HAZE
    opacity = np.clip(z, 0.0, 1.0)
    return z, opacity, np.cumprod(np.concatenate([np.ones(1), 1.0 - opacity[:-1]]))


def compositing(x):
    _, opacity, reaching = _opacities(x)
    return (reaching * opacity) @ COLOURS


def _composite_slope(x, shade):
    z, opacity, reaching = _opacities(x)
    return (shade(opacity[:, None], reaching[:, None]) * (z == opacity)[:, None]).T @ LAYERS


def _over(opacity, reaching):
    behind = np.zeros((5, 3))
    for k in (3, 2, 1, 0):
        behind[k] = opacity[k + 1] * COLOURS[k + 1] + (1.0 - opacity[k + 1]) * behind[k + 1]
    return reaching * (COLOURS - behind)


def compositing_jac(x):
    return _composite_slope(x, _over)


def _divided(opacity, reaching):
    seen = reaching * opacity * COLOURS
    behind, clear = np.zeros((5, 3)), 1.0 - opacity
    behind[:-1] = np.cumsum(seen[:0:-1], axis=0)[::-1]
    return reaching * COLOURS - np.divide(behind, clear, out=np.zeros((5, 3)), where=clear > 0.0)


def compositing_divided(x):
    return _composite_slope(x, _divided)


def _steps(x):
    z = 0.8 * x + jnp.asarray(PROFILE)
    steps = z[1:] - z[:-1]
    return z, steps[:-1], steps[1:]


def jax_superbee(x):
    z, before, after = _steps(x)
    small, large = jnp.minimum(jnp.abs(before), jnp.abs(after)), jnp.maximum(jnp.abs(before), jnp.abs(after))
    slope = jnp.where(before * after > 0.0, jnp.sign(before) * jnp.minimum(2.0 * small, large), 0.0)
    return z[1:-1] + 0.5 * slope


def _superbee_slope(x, weigh):
    _, before, after = _steps(x)
    rises = 0.8 * (jnp.eye(7)[1:] - jnp.eye(7)[:-1])
    first, second = weigh(jnp.abs(before), jnp.abs(after))
    slope = first[:, None] * rises[:-1] + second[:, None] * rises[1:]
    return 0.8 * jnp.eye(7)[1:-1] + 0.5 * jnp.where(((before >= 0.0) == (after >= 0.0))[:, None], slope, 0.0)


def _least_then_twice(before, after):
    least = before <= after
    twice = 2.0 * jnp.minimum(before, after) <= jnp.maximum(before, after)
    return jnp.where(twice, 2.0 * least, 1.0 * ~least), jnp.where(twice, 2.0 * ~least, 1.0 * least)


def _superbee_bands(before, after):
    first = 2.0 * (after >= 2.0 * before) + 1.0 * ((after < before) & (before < 2.0 * after))
    second = 2.0 * (before >= 2.0 * after) + 1.0 * ((before < after) & (after < 2.0 * before))
    return first, second


def jax_superbee_jac(x):
    return _superbee_slope(x, _least_then_twice)


def jax_superbee_bands(x):
    return _superbee_slope(x, _superbee_bands)


def _lifetimes(x):
    z = jnp.asarray(AGES) @ x + jnp.asarray(AGES_START)
    return jnp.log1p(z * z), (2.0 * z / (1.0 + z * z))[:, None] * jnp.asarray(AGES)


def jax_shocks(x):
    ages, _ = _lifetimes(x)
    one, two = ages[FIRST_OF], ages[SECOND_OF]
    return jnp.exp(-ALONE[FIRST_OF] * one - ALONE[SECOND_OF] * two - SHARED * jnp.maximum(one, two))


def _shock_slopes(x, first_later, second_later):
    ages, slopes = _lifetimes(x)
    one, two = ages[FIRST_OF], ages[SECOND_OF]
    first = (ALONE[FIRST_OF] + SHARED * first_later(one, two))[:, None] * slopes[FIRST_OF]
    second = (ALONE[SECOND_OF] + SHARED * second_later(one, two))[:, None] * slopes[SECOND_OF]
    return -jax_shocks(x)[:, None] * (first + second)


def jax_shocks_jac(x):
    return _shock_slopes(x, jnp.greater_equal, jnp.less)


def jax_shocks_strict(x):
    return _shock_slopes(x, jnp.greater, jnp.less)


def _decay(s):
    far = jnp.maximum(s, 0.03)
    near = 1.0 - s / 2.0 + s**2 / 12.0 - s**4 / 720.0 + s**6 / 30240.0
    return jnp.where(s < 0.03, near, far * jnp.exp(-far) / -jnp.expm1(-far))


def _decay_slope(s):
    far = jnp.maximum(s, 0.03)
    near = -0.5 + s / 6.0 - s**3 / 180.0 + s**5 / 5040.0
    return jnp.where(s < 0.03, near, _decay(far) * (1.0 - _decay(far) - far) / far)


def jax_drift(x):
    step = jnp.diff(1.1 * x + jnp.asarray(BUILT_IN))
    carried = _decay(jnp.abs(step))
    out, back = carried + jnp.maximum(-step, 0.0), carried + jnp.maximum(step, 0.0)
    return jnp.asarray(CARRIERS[:-1]) * out - jnp.asarray(CARRIERS[1:]) * back


def _current_slope(x, uphill):
    step = jnp.diff(1.1 * x + jnp.asarray(BUILT_IN))
    bent = jnp.sign(step) * _decay_slope(jnp.abs(step))
    slope = jnp.asarray(CARRIERS[:-1]) * (bent - uphill(-step)) - jnp.asarray(CARRIERS[1:]) * (bent + uphill(step))
    return 1.1 * slope[:, None] * (jnp.eye(5)[1:] - jnp.eye(5)[:-1])


def jax_drift_jac(x):
    return _current_slope(x, lambda step: jnp.heaviside(step, 0.5))


def jax_drift_signs(x):
    return _current_slope(x, lambda step: 1.0 * (step > 0.0))


def _slabs(x):
    eyes = jnp.asarray(EYES) @ x + jnp.asarray(EYES_START)
    one, two = (-jnp.asarray(HALF) - eyes) / jnp.asarray(RAYS), (jnp.asarray(HALF) - eyes) / jnp.asarray(RAYS)
    return jnp.minimum(one, two), jnp.maximum(one, two), -jnp.asarray(EYES) / jnp.asarray(RAYS)[:, :, None]


def jax_ray_chord(x):
    enters, leaves, _ = _slabs(x)
    return jnp.maximum(jnp.min(leaves, axis=1) - jnp.max(enters, axis=1), 0.0)


def jax_ray_chord_jac(x):
    enters, leaves, slopes = _slabs(x)
    rays, first, last = jnp.arange(2), jnp.argmax(enters, axis=1), jnp.argmin(leaves, axis=1)
    hits = leaves[rays, last] > enters[rays, first]
    return jnp.where(hits[:, None], slopes[rays, last] - slopes[rays, first], 0.0)


def jax_ray_chord_faces(x):
    enters, leaves, slopes = _slabs(x)
    near, far = jnp.max(enters, axis=1, keepdims=True), jnp.min(leaves, axis=1, keepdims=True)
    faces = 1.0 * (leaves == far) - 1.0 * (enters == near)
    return jnp.where(far > near, jnp.einsum("rf,rfn->rn", faces, slopes), 0.0)


def _messages(x):
    return x[SOURCES] @ jnp.asarray(SENT) + x[TARGETS] @ jnp.asarray(RECEIVED) + jnp.asarray(OFFERED)


def jax_neighbours(x):
    return jax.ops.segment_max(jnp.maximum(_messages(x), 0.0), TARGETS, 4)


def _heard_slope(x, hears):
    messages = _messages(x)
    loudest = messages == jax.ops.segment_max(messages, TARGETS, 4)[TARGETS]
    sender, receiver = jnp.eye(4)[SOURCES][:, :, None], jnp.eye(4)[TARGETS][:, :, None]
    slopes = sender * jnp.asarray(SENT) + receiver * jnp.asarray(RECEIVED)
    heard = hears(loudest) & (messages > 0.0)
    return jax.ops.segment_sum(heard[:, None, None] * slopes, TARGETS, 4)


def _first_heard(loudest):
    edges = jnp.arange(8)
    return edges == jax.ops.segment_min(jnp.where(loudest, edges, 8), TARGETS, 4)[TARGETS]


def jax_neighbours_jac(x):
    return _heard_slope(x, _first_heard)


def jax_neighbours_loudest(x):
    return _heard_slope(x, lambda loudest: loudest)


def _exercised(x, step):
    spot, strike = jnp.asarray(SPOTS) @ x + SPOT_NOW, jnp.asarray(STRIKES) @ x + STRIKE_NOW
    factors = jnp.asarray(UP ** (2.0 * np.arange(step + 1) - step))
    slopes = jnp.asarray(STRIKES)[:, None] - factors[:, None] * jnp.asarray(SPOTS)[:, None]
    return strike[:, None] - factors * spot[:, None], slopes


def _held(values):
    return DISCOUNT * (RISING * values[:, 1:] + (1.0 - RISING) * values[:, :-1])


def jax_american_put(x):
    values = jnp.maximum(_exercised(x, 3)[0], 0.0)
    for step in (2, 1, 0):
        values = jnp.maximum(_exercised(x, step)[0], _held(values))
    return values[:, 0]


def _put_slope(x, combine):
    payoffs, slopes = _exercised(x, 3)
    values, rows = jnp.maximum(payoffs, 0.0), (payoffs > 0.0)[:, :, None] * slopes
    for step in (2, 1, 0):
        payoffs, slopes = _exercised(x, step)
        held = _held(values)
        rows = combine((payoffs - held)[:, :, None], slopes, _held(rows))
        values = jnp.maximum(payoffs, held)
    return rows[:, 0]


def jax_american_put_jac(x):
    return _put_slope(x, lambda gain, now, later: jnp.where(gain >= 0.0, now, later))


def jax_american_put_both(x):
    return _put_slope(x, lambda gain, now, later: (gain >= 0.0) * now + (gain <= 0.0) * later)


def _road_costs(x):
    towns = 0.9 * x + TOWNS
    return towns, [np.sqrt(0.1 + np.sum((towns[i] - towns[j]) ** 2)) for i, j in ROADS]


def _apart(road, built):
    groups = [0, 1, 2, 3]
    for i, j in (ROADS[other] for other in built):
        groups = [groups[i] if group == groups[j] else group for group in groups]
    return groups[ROADS[road][0]] != groups[ROADS[road][1]]


def _chosen(costs):
    order = sorted(range(6), key=costs.__getitem__)
    return [road for rank, road in enumerate(order) if _apart(road, order[:rank])]


def spanning_tree(x):
    _, costs = _road_costs(x)
    return sum(costs[road] for road in _chosen(costs))


def _roads_slope(x, choose):
    towns, costs = _road_costs(x)
    result = np.zeros((4, 2))
    for road in choose(costs):
        i, j = ROADS[road]
        pull = 0.9 * (towns[i] - towns[j]) / costs[road]
        result[i] += pull
        result[j] -= pull
    return result


def spanning_tree_jac(x):
    return _roads_slope(x, _chosen)


def _needed(costs):
    return [road for road in range(6) if _apart(road, [other for other in range(6) if costs[other] < costs[road]])]


def spanning_tree_needed(x):
    return _roads_slope(x, _needed)


def list_scheduling(x):
    free_at, done = list(READY), []
    for work in 0.7 * x + WORK:
        k = min(range(3), key=free_at.__getitem__)
        free_at[k] = free_at[k] + 0.2 + work * work
        done.append(free_at[k])
    return np.array(done)


def _schedule_rows(x, share):
    free_at, rows, done = list(READY), np.zeros((3, 5)), []
    for job, work in enumerate(0.7 * x + WORK):
        k = min(range(3), key=free_at.__getitem__)
        rows[:, job] += 1.4 * work * share(k, np.equal(free_at, free_at[k]))
        free_at[k] += 0.2 + work * work
        done.append(rows[k].copy())
    return np.array(done)


def list_scheduling_jac(x):
    return _schedule_rows(x, lambda k, _: np.eye(3)[k])


def list_scheduling_split(x):
    return _schedule_rows(x, lambda _, idle: idle / np.count_nonzero(idle))


def _game(x):
    (a, b), (c, d) = 0.8 * x + PAYOFFS
    return a, b, c, d, max(min(a, b), min(c, d)), min(max(a, c), max(b, d))


def matrix_game(x):
    a, b, c, d, lower, upper = _game(x)
    return lower if lower >= upper else (a * d - b * c) / (a + d - b - c)


def _game_slope(x, saddle):
    a, b, c, d, lower, upper = _game(x)
    if lower >= upper:
        return 0.8 * saddle(a, b, c, d)
    total = a + d - b - c
    return 0.8 * np.outer([(d - c) / total, (a - b) / total], [(d - b) / total, (a - c) / total])


def _saddle(a, b, c, d):
    return np.outer([min(a, b) >= min(c, d), min(a, b) < min(c, d)], [max(a, c) <= max(b, d), max(a, c) > max(b, d)])


def matrix_game_jac(x):
    return _game_slope(x, _saddle)


def matrix_game_value(x):
    return _game_slope(x, lambda a, b, c, d: np.equal([[a, b], [c, d]], max(min(a, b), min(c, d))))


def damage(x):
    worst, stresses = YIELD, []
    for strain in 0.8 * x + STRAINS:
        worst = max(worst, abs(strain))
        stresses.append(strain * (REMAINING + (1.0 - REMAINING) * YIELD / worst))
    return np.array(stresses)


def _damage_rows(x, follows):
    worst, worst_row, rows = YIELD, np.zeros(5), []
    for k, strain in enumerate(0.8 * x + STRAINS):
        unit = 0.8 * np.eye(5)[k]
        worst_row = follows(abs(strain), worst, np.sign(strain) * unit, worst_row)
        worst = max(worst, abs(strain))
        intact = (1.0 - REMAINING) * YIELD / worst
        rows.append((REMAINING + intact) * unit - strain * intact / worst * worst_row)
    return np.array(rows)


def damage_jac(x):
    return _damage_rows(x, lambda size, worst, loading, before: loading if size >= worst else before)


def damage_both(x):
    return _damage_rows(x, lambda size, worst, loading, before: (size >= worst) * loading + (size <= worst) * before)


def _intervals(u, closed):
    return [1.0 * (KNOTS[k] <= u < KNOTS[k + 1] or (closed and k == 4 and u == KNOTS[5])) for k in range(7)]


def _raised(u, basis, degree):
    result = []
    for k in range(len(basis) - 1):
        rising, falling = KNOTS[k + degree] - KNOTS[k], KNOTS[k + degree + 1] - KNOTS[k + 1]
        value = basis[k] * ((u - KNOTS[k]) / rising if rising > 0.0 else 0.0)
        result.append(value + basis[k + 1] * ((KNOTS[k + degree + 1] - u) / falling if falling > 0.0 else 0.0))
    return result


def _lowered(hats):
    rates = [2.0 * hats[k] / (KNOTS[k + 2] - KNOTS[k]) if 0 < k < 5 else 0.0 for k in range(6)]
    return np.subtract(rates[:5], rates[1:])


def falloff(x, y):
    brightness = []
    for z in BEAMS @ y + AIMED:
        u = max(3.0 - abs(z), 0.0)
        basis = _raised(u, _raised(u, _intervals(u, True), 1), 2)
        brightness.append(sum(value * point for value, point in zip(basis, x, strict=True)))
    return np.array(brightness)


def _falloff_slopes(x, y, closed):
    dx, dy = np.zeros((3, 5)), np.zeros((3, 2))
    for k, z in enumerate(BEAMS @ y + AIMED):
        u = max(3.0 - abs(z), 0.0)
        hats = _raised(u, _intervals(u, closed), 1)
        dx[k] = _raised(u, hats, 2)
        dy[k] = -np.sign(z) * (u > 0.0) * (_lowered(hats) @ x) * BEAMS[k]
    return dx, dy


def falloff_jac(x, y):
    return _falloff_slopes(x, y, True)


def falloff_half_open(x, y):
    return _falloff_slopes(x, y, False)


def _knee(x, o):
    over, width = 0.9 * x[2 * o] + LOUDNESS[o], 0.4 + 0.5 * x[2 * o + 1] * x[2 * o + 1]
    return over, width, over / width + 0.5


def _soft_knee(x, bends):
    def f(o):
        over, width, share = _knee(x, o)
        return over - SQUEEZE * (0.5 * width * share**2 if share < 1.0 else over) * (share > 0.0)

    def dx(i, o):
        level, spread = bends(_knee(x, o)[2])
        return 0.9 * (1.0 - SQUEEZE * level) * (i == 2 * o) - SQUEEZE * x[2 * o + 1] * spread * (i == 2 * o + 1)

    return f, dx


def _knee_share(share):
    inside = min(max(share, 0.0), 1.0)
    return inside, 0.5 * inside * (1.0 - inside)


def scalar_soft_knee(x):
    return _soft_knee(x, _knee_share)


def _knee_regions(share):
    inside, above = 0.0 <= share <= 1.0, share >= 1.0
    return inside * share + above, inside * 0.5 * share * (1.0 - share)


def scalar_soft_knee_regions(x):
    return _soft_knee(x, _knee_regions)


def _claims(x, o):
    rate, share = x[2 * o], x[2 * o + 1]
    return 0.9 * rate + 0.3 * share + BOND[o], 0.2 * rate + CALLED[o], 0.8 * share + CONVERTED[o]


def _convertible(x, decide):
    def f(o):
        hold, call, convert = _claims(x, o)
        return max(min(hold, call), convert)

    def dx(i, o):
        held, called, converted = decide(*_claims(x, o))
        return (0.9 * held + 0.2 * called) * (i == 2 * o) + (0.3 * held + 0.8 * converted) * (i == 2 * o + 1)

    return f, dx


def _decision(hold, call, convert):
    kept = convert < min(hold, call)
    return kept and hold < call, kept and hold >= call, not kept


def scalar_convertible(x):
    return _convertible(x, _decision)


def _decision_cases(hold, call, convert):
    return convert < hold < call, convert < call < hold, convert >= hold or convert >= call


def scalar_convertible_cases(x):
    return _convertible(x, _decision_cases)


def _share_of_station(t, j, *left_out):
    others = [k for k in range(4) if k != j and k not in left_out]
    return math.prod((t - STATIONS[k]) / (STATIONS[j] - STATIONS[k]) for k in others)


def _lagrange(x, station_slope):
    def f(o):
        t = 0.8 * x[4 + o] + MOMENTS[o]
        return sum(x[j] * _share_of_station(t, j) for j in range(4))

    def dx(i, o):
        t = 0.8 * x[4 + o] + MOMENTS[o]
        if i < 4:
            return _share_of_station(t, i)
        return 0.8 * sum(x[j] * station_slope(t, j) for j in range(4)) if i == 4 + o else 0.0

    return f, dx


def _product_rule(t, j):
    return sum(_share_of_station(t, j, k) / (STATIONS[j] - STATIONS[k]) for k in range(4) if k != j)


def scalar_lagrange(x):
    return _lagrange(x, _product_rule)


def _log_rule(t, j):
    return _share_of_station(t, j) * sum(1.0 / (t - STATIONS[k]) for k in range(4) if k != j and t != STATIONS[k])


def scalar_lagrange_logs(x):
    return _lagrange(x, _log_rule)


def _sound(x, i):
    return SPEAKERS[i] * x[i] + SPEAKERS_START[i]


def scalar_opening(x):
    def f(o):
        return max(min(_sound(x, k), _sound(x, k + 1)) for k in (o, o + 1))

    def dx(i, o):
        ranked = [(_sound(x, k), k) for k in (o, o + 1, o + 2)]
        return SPEAKERS[i] * (i == max(min(ranked[:2]), min(ranked[1:]))[1])

    return f, dx


def scalar_opening_attained(x):
    f = scalar_opening(x)[0]

    def dx(i, o):
        return SPEAKERS[i] if o <= i <= o + 2 and _sound(x, i) == f(o) else 0.0

    return f, dx


def _within_limits(wanted):
    return min(max(wanted, LEAST), MOST)


def _by_regime(wanted):
    return wanted * (LEAST < wanted < MOST) + LEAST * (wanted < LEAST) + MOST * (wanted > MOST)


def _dispatch(x, limited):
    def planned(o, limit):
        load, fuel = 0.9 * x[2 * o] + LOADS[o], 0.7 * x[2 * o + 1] + FUELS[o]
        own = limit((GRID_PRICE - fuel + GRID_CURVE * load) / (CURVE + GRID_CURVE))
        return fuel, own, load - own

    def f(o):
        fuel, own, bought = planned(o, _within_limits)
        return own * (fuel + 0.5 * CURVE * own) + bought * (GRID_PRICE + 0.5 * GRID_CURVE * bought)

    def dx(i, o):
        _, own, bought = planned(o, limited)
        return 0.9 * (GRID_PRICE + GRID_CURVE * bought) * (i == 2 * o) + 0.7 * own * (i == 2 * o + 1)

    return f, dx


def scalar_dispatch(x):
    return _dispatch(x, _within_limits)


def scalar_dispatch_regimes(x):
    return _dispatch(x, _by_regime)


def _scalar(name, right, wrong, entries, outputs):
    return Twins(name, right, right, wrong, {}, index=IndexShapes(((entries,),), (outputs,)))


SEVENTH: tuple[Twins, ...] = (
    Twins("least trimmed squares", least_trimmed, least_trimmed_jac, least_trimmed_cut, {"x": "3"}),
    Twins("wheel speeds", wheel_speeds, wheel_speeds_jac, wheel_speeds_peaks, {"x": "3"}),
    Twins("buoyancy", buoyancy, buoyancy_jac, buoyancy_cases, {"x": "3", "y": "4"}),
    Twins("eikonal", eikonal, eikonal_jac, eikonal_sum, {"x": "3 4", "y": "3"}),
    Twins("multipliers", multipliers, multipliers_jac, multipliers_sets, {"x": "3", "y": "4"}),
    Twins("complementarity", complementarity, complementarity_jac, complementarity_guarded, {"x": "4"}),
    Twins("tyre grip", tyre_grip, tyre_grip_jac, tyre_grip_sliding, {"x": "5"}),
    Twins("compositing", compositing, compositing_jac, compositing_divided, {"x": "4"}),
    Twins("superbee in jax", jax_superbee, jax_superbee_jac, jax_superbee_bands, {"x": "7"}, "jax"),
    Twins("shared shocks in jax", jax_shocks, jax_shocks_jac, jax_shocks_strict, {"x": "4"}, "jax"),
    Twins("drift diffusion in jax", jax_drift, jax_drift_jac, jax_drift_signs, {"x": "5"}, "jax"),
    Twins("ray chord in jax", jax_ray_chord, jax_ray_chord_jac, jax_ray_chord_faces, {"x": "3"}, "jax"),
    Twins("loudest neighbour in jax", jax_neighbours, jax_neighbours_jac, jax_neighbours_loudest, {"x": "4 2"}, "jax"),
    Twins("american put in jax", jax_american_put, jax_american_put_jac, jax_american_put_both, {"x": "3"}, "jax"),
    Twins("spanning tree", spanning_tree, spanning_tree_jac, spanning_tree_needed, {"x": "4 2"}),
    Twins("list scheduling", list_scheduling, list_scheduling_jac, list_scheduling_split, {"x": "5"}),
    Twins("matrix game", matrix_game, matrix_game_jac, matrix_game_value, {"x": "2 2"}),
    Twins("damage", damage, damage_jac, damage_both, {"x": "5"}),
    Twins("falloff", falloff, falloff_jac, falloff_half_open, {"x": "5", "y": "2"}),
    _scalar("scalar soft knee", scalar_soft_knee, scalar_soft_knee_regions, 6, 3),
    _scalar("scalar convertible", scalar_convertible, scalar_convertible_cases, 6, 3),
    _scalar("scalar lagrange", scalar_lagrange, scalar_lagrange_logs, 7, 3),
    _scalar("scalar opening", scalar_opening, scalar_opening_attained, 7, 5),
    _scalar("scalar dispatch", scalar_dispatch, scalar_dispatch_regimes, 6, 3),
)
