"""Pairs written without a look at the search, and committed before their first run."""

from __future__ import annotations

import bisect
import math

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Twins, weights

from jacfuzz.target import IndexShapes

REGRESSORS, RESPONSE = weights(401, 6, 3), weights(402, 6)
LAMP, AXIS = weights(403, 3), np.array([0.36, 0.48, 0.8])
PILES = weights(404, 4)
BOX_CENTRE, BOX_HALF, BOX_TURN = weights(405, 2), np.array([1.1, 0.6]), np.array([[0.6, 0.8], [-0.8, 0.6]])
HOME = weights(406, 3)
CUSTOMERS, FEES = weights(407, 7, 2), weights(408, 3)
LAGS, ADVANCES = weights(409, 4), weights(422, 3)
MIRROR = weights(410, 4)
PRINCIPAL_POINT = weights(411, 2)
WAVE = weights(412, 6)
ALTERNATIVES, GRADES, RANK_WEIGHTS = weights(413, 6, 4), weights(414, 6), np.array([0.35, 0.1, 0.02, 0.08, 0.15, 0.3])
SENSOR, BIAS = weights(415, 2, 4), weights(416, 2)
GAINS = 0.4 + np.abs(weights(417, 6))
CONE_TIP = weights(418, 4)
NODES, HEIGHTS, SLOPES = np.cumsum(0.3 + np.abs(weights(419, 6))) - 2.5, weights(420, 6), weights(421, 6)
SPREADS, MIDDLES = (1.3, 0.8, 1.9, 0.6, 1.1), (0.2, -0.5, 0.9, 0.4, -0.3)
VALVE_KNOTS, VALVE_SLOPES = (-0.6, 0.55, 1.4), (0.2, 1.0, 0.5)
BRAKE_BANDS = ((-math.inf, -0.8, 0.4), (-0.8, 1.2, 1.0), (1.2, math.inf, 0.25))


def hampel(x):
    size = np.abs(RESPONSE - REGRESSORS @ x)
    falling = 0.96 + 0.56 * (1.0 - ((3.0 - size) / 1.4) ** 2)
    return np.sum(np.select([size < 0.8, size < 1.6, size < 3.0], [0.5 * size**2, 0.8 * size - 0.32, falling], 1.52))


def hampel_jac(x):
    r = RESPONSE - REGRESSORS @ x
    pull = np.minimum(np.minimum(np.abs(r), 0.8), 0.8 * (3.0 - np.abs(r)) / 1.4)
    return -(np.sign(r) * np.maximum(pull, 0.0)) @ REGRESSORS


def hampel_bands(x):
    r = RESPONSE - REGRESSORS @ x
    size = np.abs(r)
    bands = [size < 0.8, (size > 0.8) & (size < 1.6), (size > 1.6) & (size < 3.0)]
    return -np.select(bands, [r, 0.8 * np.sign(r), np.sign(r) * 0.8 * (3.0 - size) / 1.4]) @ REGRESSORS


def high_water(x):
    wealth, hurdle = 1.0, 1.037
    for change in x:
        wealth *= 1.0 + 0.1 * change
        if wealth > hurdle:
            wealth = 0.8 * wealth + 0.2 * hurdle
            hurdle = wealth
        hurdle *= 1.004
    return wealth


def high_water_jac(x):
    wealth, hurdle = 1.0, 1.037
    dwealth, dhurdle = np.zeros(len(x)), np.zeros(len(x))
    for k, change in enumerate(x):
        dwealth = dwealth * (1.0 + 0.1 * change)
        dwealth[k] += 0.1 * wealth
        wealth *= 1.0 + 0.1 * change
        if wealth > hurdle:
            wealth = 0.8 * wealth + 0.2 * hurdle
            hurdle = wealth
            dwealth = 0.8 * dwealth + 0.2 * dhurdle
            dhurdle = dwealth
        hurdle *= 1.004
        dhurdle = 1.004 * dhurdle
    return dwealth


def high_water_masks(x):
    wealth, hurdle = 1.0, 1.037
    dwealth, dhurdle = np.zeros(len(x)), np.zeros(len(x))
    for k, change in enumerate(x):
        dwealth = dwealth * (1.0 + 0.1 * change)
        dwealth[k] += 0.1 * wealth
        wealth *= 1.0 + 0.1 * change
        over, under = wealth >= hurdle, wealth <= hurdle
        shared = 0.8 * dwealth + 0.2 * dhurdle
        dwealth = over * shared + under * dwealth
        dhurdle = 1.004 * (over * shared + under * dhurdle)
        wealth = 0.8 * wealth + 0.2 * hurdle if over else wealth
        hurdle = 1.004 * max(wealth, hurdle)
    return dwealth


def _mohr_circle(x):
    first, second, shear = x[0] + 0.4, x[1] - 0.9, x[2] + 0.3
    return 0.5 * (first + second), 0.5 * (first - second), shear


def principal_stress(x):
    mean, half, shear = _mohr_circle(x)
    return mean + np.hypot(half, shear)


def principal_stress_jac(x):
    _, half, shear = _mohr_circle(x)
    angle = np.arctan2(shear, half)
    return np.array([0.5 + 0.5 * np.cos(angle), 0.5 - 0.5 * np.cos(angle), np.sin(angle)])


def principal_stress_guarded(x):
    _, half, shear = _mohr_circle(x)
    radius = np.hypot(half, shear)
    if radius == 0.0:
        return np.zeros(3)
    return np.array([0.5 + 0.5 * half / radius, 0.5 - 0.5 * half / radius, shear / radius])


def _cone_gap(x):
    ray = x - LAMP
    size = np.sqrt(ray @ ray)
    return AXIS @ ray - 0.75 * size, AXIS - 0.75 * (ray / size if size > 0.0 else AXIS)


def spotlight(x):
    gap = _cone_gap(x)[0]
    return 2.0 * gap if gap > 0.0 else 0.3 * gap


def spotlight_jac(x):
    gap, slope = _cone_gap(x)
    return (2.0 if gap >= 0.0 else 0.3) * slope


def spotlight_gain(x):
    gap, slope = _cone_gap(x)
    return np.divide(spotlight(x), gap) * slope


def transport(x, y):
    return np.sum(np.abs(np.sort(1.4 * x + PILES) - np.sort(y)))


def _moves(x, y):
    piles = 1.4 * x + PILES
    from_order, to_order = np.argsort(piles), np.argsort(y)
    return from_order, to_order, piles[from_order], y[to_order]


def transport_jac(x, y):
    from_order, to_order, piles, holes = _moves(x, y)
    sign = np.where(piles > holes, 1.0, -1.0)
    dx, dy = np.zeros(4), np.zeros(4)
    dx[from_order], dy[to_order] = 1.4 * sign, -sign
    return dx, dy


def transport_each(x, y):
    from_order, to_order, piles, holes = _moves(x, y)
    dx, dy = np.zeros(4), np.zeros(4)
    dx[from_order] = np.where(piles > holes, 1.4, -1.4)
    dy[to_order] = np.where(holes > piles, 1.0, -1.0)
    return dx, dy


def _box_place(x):
    local = BOX_TURN @ (x - BOX_CENTRE)
    return np.abs(local) - BOX_HALF, np.where(local >= 0.0, 1.0, -1.0)


def box_distance(x):
    over, _ = _box_place(x)
    return np.linalg.norm(np.maximum(over, 0.0)) + min(np.max(over), 0.0)


def box_distance_jac(x):
    over, side = _box_place(x)
    outside = np.maximum(over, 0.0)
    if np.any(outside):
        return side * outside / np.linalg.norm(outside) @ BOX_TURN
    return side * np.eye(2)[np.argmax(over)] @ BOX_TURN


def box_distance_terms(x):
    over, side = _box_place(x)
    outside = np.maximum(over, 0.0)
    result = outside / (np.linalg.norm(outside) or 1.0)
    if np.all(over < 0.0):
        result[np.argmax(over)] += 1.0
    return side * result @ BOX_TURN


def _flux(u):
    return 0.5 * u * u - 0.3 * u


def godunov(u, v):
    spread = _flux(np.clip(0.3, np.minimum(u, v), np.maximum(u, v)))
    return np.where(u <= v, spread, np.maximum(_flux(u), _flux(v)))


def godunov_jac(u, v):
    from_left = np.where(u <= v, u > 0.3, 0.5 * (u + v) - 0.3 > 0.0)
    from_right = np.where(u <= v, v < 0.3, ~from_left)
    return np.diag((u - 0.3) * from_left), np.diag((v - 0.3) * from_right)


def godunov_speed(u, v):
    speed = 0.5 * (u + v) - 0.3
    from_left = np.where(u <= v, u > 0.3, speed > 0.0)
    from_right = np.where(u <= v, v < 0.3, speed < 0.0)
    return np.diag((u - 0.3) * from_left), np.diag((v - 0.3) * from_right)


def _trip(x, y):
    return np.sqrt(0.2 + np.sum((x - HOME) ** 2)), np.sqrt(0.3 + np.sum(y * y))


def motion_time(x, y):
    way, speed = _trip(x, y)
    return way / speed + speed / 1.6 if 1.6 * way > speed * speed else 2.0 * np.sqrt(way / 1.6)


def _cruise_slopes(way, speed):
    return np.array([1.0 / speed, 1.0 / 1.6 - way / speed**2])


def _short_slopes(way):
    return np.array([1.0 / np.sqrt(1.6 * way), 0.0])


def motion_time_jac(x, y):
    way, speed = _trip(x, y)
    dway, dspeed = _cruise_slopes(way, speed) if 1.6 * way > speed * speed else _short_slopes(way)
    return dway * (x - HOME) / way, dspeed * y / speed


def motion_time_phases(x, y):
    way, speed = _trip(x, y)
    slopes = np.zeros(2)
    if 1.6 * way >= speed * speed:
        slopes += _cruise_slopes(way, speed)
    if 1.6 * way <= speed * speed:
        slopes += _short_slopes(way)
    return slopes[0] * (x - HOME) / way, slopes[1] * y / speed


def _delivery_costs(x):
    return np.sum((CUSTOMERS[:, None] - x) ** 2, axis=2) + FEES


def depots(x):
    return np.sum(np.min(_delivery_costs(x), axis=1))


def _depot_pull(x, served):
    return 2.0 * (served.sum(axis=0)[:, None] * x - served.T @ CUSTOMERS)


def depots_jac(x):
    return _depot_pull(x, np.eye(3)[np.argmin(_delivery_costs(x), axis=1)])


def depots_cheapest(x):
    costs = _delivery_costs(x)
    return _depot_pull(x, (costs == costs.min(axis=1, keepdims=True)) * 1.0)


def _mismatch(x, y):
    return (x + LAGS)[:, None] - (1.3 * y + ADVANCES)


def _warp_table(x, y):
    local = _mismatch(x, y) ** 2
    table = np.full((len(x) + 1, len(y) + 1), np.inf)
    table[0, 0] = 0.0
    for i in range(len(x)):
        for j in range(len(y)):
            table[i + 1, j + 1] = local[i, j] + min(table[i, j], table[i, j + 1], table[i + 1, j])
    return table


def time_warp(x, y):
    return _warp_table(x, y)[-1, -1]


def _warp_slopes(x, y, visits):
    pull = 2.0 * _mismatch(x, y) * visits
    return pull.sum(axis=1), -1.3 * pull.sum(axis=0)


def time_warp_jac(x, y):
    table = _warp_table(x, y)
    visits = np.zeros((len(x), len(y)))
    i, j = visits.shape
    while i > 0:
        visits[i - 1, j - 1] = 1.0
        i, j = min([(i - 1, j - 1), (i - 1, j), (i, j - 1)], key=table.__getitem__)
    return _warp_slopes(x, y, visits)


def time_warp_backward(x, y):
    table = _warp_table(x, y)
    flow = np.zeros(table.shape)
    flow[-1, -1] = 1.0
    for i in range(len(x), 0, -1):
        for j in range(len(y), 0, -1):
            steps = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
            best = min(table[step] for step in steps)
            for step in steps:
                flow[step] += flow[i, j] * (table[step] == best)
    return _warp_slopes(x, y, flow[1:, 1:])


def folded(x):
    over = MIRROR @ x - 0.7
    return x - 2.0 * max(over, 0.0) / (MIRROR @ MIRROR) * MIRROR


def _reflection():
    return np.eye(4) - 2.0 / (MIRROR @ MIRROR) * np.outer(MIRROR, MIRROR)


def folded_jac(x):
    return _reflection() if MIRROR @ x > 0.7 else np.eye(4)


def folded_sides(x):
    over = MIRROR @ x - 0.7
    return _reflection() * (over > 0.0) + np.eye(4) * (over < 0.0)


def lens(x):
    d = x - PRINCIPAL_POINT
    return PRINCIPAL_POINT + d * (1.0 + 0.3 * np.sqrt(np.sum(d * d, axis=1, keepdims=True)))


def lens_jac(x):
    result = np.zeros((3, 2, 3, 2))
    for k, d in enumerate(x - PRINCIPAL_POINT):
        r = np.sqrt(np.sum(d * d))
        result[k, :, k, :] = (1.0 + 0.3 * r) * np.eye(2) + 0.3 * np.outer(d, d) / (r or 1.0)
    return result


def lens_direction(x):
    result = np.zeros((3, 2, 3, 2))
    for k, d in enumerate(x - PRINCIPAL_POINT):
        r = np.sqrt(np.sum(d * d))
        unit = d / r
        result[k, :, k, :] = (1.0 + 0.3 * r) * np.eye(2) + 0.3 * r * np.outer(unit, unit)
    return result


def _wave_place(x):
    phase = (1.7 * x + 0.4) % 6.0
    low = np.floor(phase).astype(int)
    return low, phase - low


def _wave_cubic(before, low, high, after):
    linear = 0.5 * (high - before)
    square = before - 2.5 * low + 2.0 * high - 0.5 * after
    return linear, square, 0.5 * (after - before) + 1.5 * (low - high)


def wavetable(x):
    k, t = _wave_place(x)
    a, b, c = _wave_cubic(*(WAVE[(k + shift) % 6] for shift in (-1, 0, 1, 2)))
    return WAVE[k % 6] + t * (a + t * (b + t * c))


def wavetable_jac(x):
    k, t = _wave_place(x)
    a, b, c = _wave_cubic(*(WAVE[(k + shift) % 6] for shift in (-1, 0, 1, 2)))
    return np.diag(1.7 * (a + t * (2.0 * b + 3.0 * t * c)))


def wavetable_ceil(x):
    k, t = _wave_place(x)
    m = np.ceil((1.7 * x + 0.4) % 6.0).astype(int)
    a, b, c = _wave_cubic(*(WAVE[place % 6] for place in (k - 1, k, m, m + 1)))
    return np.diag(1.7 * (a + t * (2.0 * b + 3.0 * t * c)))


def _layer_pressure(height):
    if height < 11.0:
        return 10.1325 * math.pow(1.0 - 6.5 * height / 288.15, 34.163 / 6.5)
    return 10.1325 * math.pow(216.65 / 288.15, 34.163 / 6.5) * math.exp(34.163 * (11.0 - height) / 216.65)


def atmosphere(x):
    return np.array([_layer_pressure(10.1 + 1.5 * t) for t in x])


def atmosphere_jac(x):
    heights = [10.1 + 1.5 * t for t in x]
    return np.diag([-51.2445 / (288.15 - 6.5 * min(h, 11.0)) * _layer_pressure(h) for h in heights])


def atmosphere_stale(x):
    slopes, slope = [], 0.0
    for t in x:
        height = 10.1 + 1.5 * t
        if height < 11.0:
            slope = -51.2445 / (288.15 - 6.5 * height) * _layer_pressure(height)
        elif height > 11.0:
            slope = -51.2445 / 216.65 * _layer_pressure(height)
        slopes.append(slope)
    return np.diag(slopes)


def _grades(x):
    return jnp.asarray(ALTERNATIVES) @ x + jnp.asarray(GRADES)


def jax_ranked(x):
    return jnp.dot(jnp.asarray(RANK_WEIGHTS), jnp.sort(_grades(x)))


def jax_ranked_jac(x):
    return jnp.asarray(RANK_WEIGHTS) @ jnp.asarray(ALTERNATIVES)[jnp.argsort(_grades(x))]


def jax_ranked_count(x):
    grades = _grades(x)
    rank = jnp.sum(grades[:, None] > grades[None, :], axis=1)
    return jnp.asarray(RANK_WEIGHTS)[rank] @ jnp.asarray(ALTERNATIVES)


def _misfit(x):
    d = jnp.asarray(SENSOR) @ x - jnp.asarray(BIAS)
    return d, jnp.sqrt(jnp.sum(d * d))


def jax_vector_huber(x):
    d, r = _misfit(x)
    return jax.lax.cond(r <= 1.7, lambda: jnp.dot(d, d) / 3.4, lambda: r - 0.85)


def jax_vector_huber_jac(x):
    d, r = _misfit(x)
    return jax.lax.cond(r <= 1.7, lambda: d / 1.7, lambda: d / r) @ jnp.asarray(SENSOR)


def jax_vector_huber_both(x):
    d, r = _misfit(x)
    pull = jnp.where(r <= 1.7, d / 1.7, 0.0) + jnp.where(r >= 1.7, d / r, 0.0)
    return pull @ jnp.asarray(SENSOR)


def _loudness(x):
    return jnp.asarray(GAINS) * x + 0.2


def _follow(level, loud):
    level = level + jnp.where(loud > level, 0.6, 0.1) * (loud - level)
    return level, level


def jax_envelope(x):
    return jax.lax.scan(_follow, jnp.full((), 0.5, x.dtype), _loudness(x))[1]


def _envelope_slopes(x, rate_of):
    def step(carry, entry):
        level, row = carry
        loud, unit = entry
        rate = rate_of(loud, level)
        row = (1.0 - rate) * row + rate * unit
        return (_follow(level, loud)[0], row), row

    start = jnp.full((), 0.5, x.dtype), jnp.zeros_like(x)
    return jax.lax.scan(step, start, (_loudness(x), jnp.diag(jnp.asarray(GAINS))))[1]


def jax_envelope_jac(x):
    return _envelope_slopes(x, lambda loud, level: jnp.where(loud > level, 0.6, 0.1))


def jax_envelope_masks(x):
    return _envelope_slopes(x, lambda loud, level: 0.6 * (loud > level) + 0.1 * (loud < level))


def _cone_parts(x):
    z = x - jnp.asarray(CONE_TIP)
    return z[:3], z[3], jnp.sqrt(jnp.sum(z[:3] ** 2))


def jax_cone(x):
    v, t, size = _cone_parts(x)
    edge = 0.5 * (1.0 + t / jnp.where(size > 0.0, size, 1.0)) * jnp.append(v, size)
    return jnp.where(size <= t, jnp.append(v, t), jnp.where(size <= -t, 0.0, edge))


def _edge_slopes(v, t, size):
    size = jnp.where(size > 0.0, size, 1.0)
    unit = v / size
    square = (1.0 + t / size) * jnp.eye(3) - t / size * jnp.outer(unit, unit)
    return 0.5 * jnp.block([[square, unit[:, None]], [unit[None, :], jnp.ones((1, 1))]])


def jax_cone_jac(x):
    v, t, size = _cone_parts(x)
    return jnp.where(size <= t, jnp.eye(4), jnp.where(size <= -t, 0.0, _edge_slopes(v, t, size)))


def jax_cone_select(x):
    v, t, size = _cone_parts(x)
    return jnp.select([size < t, size > jnp.abs(t)], [jnp.eye(4), _edge_slopes(v, t, size)], 0.0)


def _hermite_terms(low, high):
    nodes, heights, slopes = jnp.asarray(NODES), jnp.asarray(HEIGHTS), jnp.asarray(SLOPES)
    width = nodes[high] - nodes[low]
    return width, (heights[high] - heights[low]) / width, slopes[low], slopes[high], nodes[low], heights[low]


def _hermite_slope(z, low, high):
    width, secant, start, end, node, _ = _hermite_terms(low, high)
    t = (z - node) / width
    return start + t * (6.0 * secant - 4.0 * start - 2.0 * end + t * 3.0 * (start + end - 2.0 * secant))


def jax_hermite(x):
    z = 0.8 * x + 0.1
    low = jnp.clip(jnp.searchsorted(jnp.asarray(NODES), z, side="right") - 1, 0, 4)
    width, secant, start, end, node, height = _hermite_terms(low, low + 1)
    t = (z - node) / width
    return height + width * t * (start + t * (3.0 * secant - 2.0 * start - end + t * (start + end - 2.0 * secant)))


def jax_hermite_jac(x):
    z = 0.8 * x + 0.1
    low = jnp.clip(jnp.searchsorted(jnp.asarray(NODES), z, side="right") - 1, 0, 4)
    return jnp.diag(0.8 * _hermite_slope(z, low, low + 1))


def jax_hermite_bracket(x):
    z = 0.8 * x + 0.1
    low = jnp.clip(jnp.searchsorted(jnp.asarray(NODES), z, side="right") - 1, 0, 4)
    high = jnp.clip(jnp.searchsorted(jnp.asarray(NODES), z, side="left"), 1, 5)
    return jnp.diag(0.8 * _hermite_slope(z, low, high))


def _face_speed(x, o):
    return 0.5 * (x[o] + x[o + 1]) - 0.4


def _carried(x, k):
    return 1.0 + x[k] * x[k], 2.0 * x[k]


def scalar_upwind(x):
    def f(o):
        speed = _face_speed(x, o)
        return speed * _carried(x, o if speed > 0.0 else o + 1)[0]

    def dx(i, o):
        speed = _face_speed(x, o)
        source = o if speed > 0.0 else o + 1
        amount, slope = _carried(x, source)
        return 0.5 * amount * (i in (o, o + 1)) + speed * slope * (i == source)

    return f, dx


def scalar_upwind_signs(x):
    def dx(i, o):
        speed, result = _face_speed(x, o), 0.0
        for source, blows in ((o, speed > 0.0), (o + 1, speed < 0.0)):
            amount, slope = _carried(x, source)
            result += blows * (0.5 * amount * (i in (o, o + 1)) + speed * slope * (i == source))
        return result

    return scalar_upwind(x)[0], dx


def _warmth(x, o):
    return 0.6 * x[o] + 0.4 * x[o + 1]


def _valve_bend(k):
    return (VALVE_SLOPES[k + 1] - VALVE_SLOPES[k]) / (VALVE_KNOTS[k + 1] - VALVE_KNOTS[k])


def scalar_valve(x):
    def f(o):
        warmth = _warmth(x, o)
        result = VALVE_SLOPES[0] * min(warmth - VALVE_KNOTS[0], 0.0)
        for k in range(2):
            t = min(max(warmth, VALVE_KNOTS[k]), VALVE_KNOTS[k + 1]) - VALVE_KNOTS[k]
            result += t * (VALVE_SLOPES[k] + 0.5 * t * _valve_bend(k))
        return result + VALVE_SLOPES[2] * max(warmth - VALVE_KNOTS[2], 0.0)

    def dx(i, o):
        warmth = _warmth(x, o)
        k = bisect.bisect_right(VALVE_KNOTS, warmth) - 1
        if k < 0 or k == 2:
            slope = VALVE_SLOPES[max(k, 0)]
        else:
            slope = VALVE_SLOPES[k] + (warmth - VALVE_KNOTS[k]) * _valve_bend(k)
        return slope * (0.6 * (i == o) + 0.4 * (i == o + 1))

    return f, dx


def scalar_valve_bisect(x):
    def dx(i, o):
        warmth = _warmth(x, o)
        start, k = bisect.bisect_left(VALVE_KNOTS, warmth) - 1, bisect.bisect_right(VALVE_KNOTS, warmth) - 1
        if k < 0 or start == 2:
            slope = VALVE_SLOPES[max(k, 0)]
        else:
            slope = VALVE_SLOPES[start] + (warmth - VALVE_KNOTS[start]) * _valve_bend(min(k, 1))
        return slope * (0.6 * (i == o) + 0.4 * (i == o + 1))

    return scalar_valve(x)[0], dx


def _from_hub(x, o):
    return x[2 * o] - 0.45, x[2 * o + 1] + 0.8


def scalar_membrane(x):
    def f(o):
        stretch = math.hypot(*_from_hub(x, o)) - 1.3
        return stretch if stretch > 0.0 else 0.4 * stretch

    def dx(i, o):
        across, up = _from_hub(x, o)
        angle = math.atan2(up, across)
        slope = 1.0 if math.hypot(across, up) > 1.3 else 0.4
        return slope * (math.cos(angle) * (i == 2 * o) + math.sin(angle) * (i == 2 * o + 1))

    return f, dx


def scalar_membrane_regimes(x):
    def dx(i, o):
        across, up = _from_hub(x, o)
        angle, radius = math.atan2(up, across), math.hypot(across, up)
        slope = 1.0 * (radius >= 1.3) + 0.4 * (radius <= 1.3)
        return slope * (math.cos(angle) * (i == 2 * o) + math.sin(angle) * (i == 2 * o + 1))

    return scalar_membrane(x)[0], dx


def _readings(x):
    return [spread * t + middle for spread, t, middle in zip(SPREADS, x, MIDDLES, strict=True)]


def scalar_quantile(x):
    def f(o):
        low, high = sorted(_readings(x))[o : o + 2]
        return 0.7 * low + 0.3 * high

    def dx(i, o):
        readings = _readings(x)
        low, high = sorted(range(5), key=readings.__getitem__)[o : o + 2]
        return SPREADS[i] * (0.7 * (i == low) + 0.3 * (i == high))

    return f, dx


def scalar_quantile_index(x):
    def dx(i, o):
        readings = _readings(x)
        low, high = (readings.index(value) for value in sorted(readings)[o : o + 2])
        return SPREADS[i] * (0.7 * (i == low) + 0.3 * (i == high))

    return scalar_quantile(x)[0], dx


def scalar_brake(x):
    def f(o):
        power = x[o] * x[o + 1]
        held = min(1.2, max(-0.8, power))
        return held + 0.4 * min(power + 0.8, 0.0) + 0.25 * max(power - 1.2, 0.0)

    def dx(i, o):
        power = x[o] * x[o + 1]
        rate = 0.4 if power < -0.8 else 1.0 if power < 1.2 else 0.25
        return rate * (x[o + 1] * (i == o) + x[o] * (i == o + 1))

    return f, dx


def scalar_brake_bands(x):
    def dx(i, o):
        power = x[o] * x[o + 1]
        rate = sum(rate for low, high, rate in BRAKE_BANDS if low <= power <= high)
        return rate * (x[o + 1] * (i == o) + x[o] * (i == o + 1))

    return scalar_brake(x)[0], dx


FOURTH: tuple[Twins, ...] = (
    Twins("hampel", hampel, hampel_jac, hampel_bands, {"x": "3"}),
    Twins("high water", high_water, high_water_jac, high_water_masks, {"x": "5"}),
    Twins("principal stress", principal_stress, principal_stress_jac, principal_stress_guarded, {"x": "3"}),
    Twins("spotlight", spotlight, spotlight_jac, spotlight_gain, {"x": "3"}),
    Twins("transport", transport, transport_jac, transport_each, {"x": "4", "y": "4"}),
    Twins("box distance", box_distance, box_distance_jac, box_distance_terms, {"x": "2"}),
    Twins("godunov flux", godunov, godunov_jac, godunov_speed, {"x": "n", "y": "n"}),
    Twins("motion time", motion_time, motion_time_jac, motion_time_phases, {"x": "3", "y": "2"}),
    Twins("depots", depots, depots_jac, depots_cheapest, {"x": "3 2"}),
    Twins("time warp", time_warp, time_warp_jac, time_warp_backward, {"x": "4", "y": "3"}),
    Twins("fold", folded, folded_jac, folded_sides, {"x": "4"}),
    Twins("lens", lens, lens_jac, lens_direction, {"x": "3 2"}),
    Twins("wavetable", wavetable, wavetable_jac, wavetable_ceil, {"x": "n"}),
    Twins("atmosphere", atmosphere, atmosphere_jac, atmosphere_stale, {"x": "n"}),
    Twins("ranked in jax", jax_ranked, jax_ranked_jac, jax_ranked_count, {"x": "4"}, "jax"),
    Twins("vector huber in jax", jax_vector_huber, jax_vector_huber_jac, jax_vector_huber_both, {"x": "4"}, "jax"),
    Twins("envelope in jax", jax_envelope, jax_envelope_jac, jax_envelope_masks, {"x": "6"}, "jax"),
    Twins("cone in jax", jax_cone, jax_cone_jac, jax_cone_select, {"x": "4"}, "jax"),
    Twins("hermite in jax", jax_hermite, jax_hermite_jac, jax_hermite_bracket, {"x": "n"}, "jax"),
    Twins("scalar upwind", scalar_upwind, scalar_upwind, scalar_upwind_signs, {}, index=IndexShapes(((4,),), (3,))),
    Twins("scalar valve", scalar_valve, scalar_valve, scalar_valve_bisect, {}, index=IndexShapes(((4,),), (3,))),
    Twins(
        "scalar membrane",
        scalar_membrane,
        scalar_membrane,
        scalar_membrane_regimes,
        {},
        index=IndexShapes(((6,),), (3,)),
    ),
    Twins(
        "scalar quantile",
        scalar_quantile,
        scalar_quantile,
        scalar_quantile_index,
        {},
        index=IndexShapes(((5,),), (4,)),
    ),
    Twins("scalar brake", scalar_brake, scalar_brake, scalar_brake_bands, {}, index=IndexShapes(((4,),), (3,))),
)
