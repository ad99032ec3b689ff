"""Pairs written without a look at the search, frozen at commit f2e3b98, and committed before their first run."""

from __future__ import annotations

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from boundary_cases import Twins, weights

from jacfuzz.target import IndexShapes

OFFSETS = weights(301, 8)
BASKET = weights(302, 2, 4)
LIMITS, ROOM = 0.4 * weights(303, 3, 24), np.array([1.2, 1.5, 0.9])
ORIGIN = weights(304, 6)
CENTRES, STIFFNESS, DEPTHS = weights(305, 5, 12), np.array([1.0, 0.7, 1.6, 1.2, 0.9]), weights(306, 5)
GRID = np.cumsum(np.cumsum(np.abs(weights(307, 5, 4)), axis=0), axis=1)
ROWS, SHIFTS = weights(308, 6, 4), weights(309, 6)
START = np.array([0.35, -0.8])
PRICES = (1.1, 1.6, 2.3, 3.7)
LIMITER_SLOPES = ((-2.0, 2.0, 0.0), (-0.5, 0.0, 0.5), (0.0, -2.0, 2.0))
POLYGON = ((-1.4, -0.6), (0.9, -1.1), (1.7, 0.4), (0.3, 1.5), (-1.2, 0.8))


def _simplex_level(x):
    falling = np.sort(x)[::-1]
    levels = (np.cumsum(falling) - 1.5) / np.arange(1, len(x) + 1)
    return levels[np.flatnonzero(falling > levels)[-1]]


def on_simplex(x):
    return np.maximum(x - _simplex_level(x), 0.0)


def on_simplex_jac(x):
    support = (x > _simplex_level(x)).astype(float)
    return np.diag(support) - np.outer(support, support) / support.sum()


def on_simplex_count(x):
    level = _simplex_level(x)
    support = (x >= level).astype(float)
    return np.diag(support) - np.outer(support, support) / np.count_nonzero(on_simplex(x))


def group_shrunk(x):
    size = np.sqrt(np.sum(x * x, axis=1, keepdims=True))
    return x * np.maximum(1.0 - 1.3 / np.maximum(size, 1.3), 0.0)


def _group_block(row, size):
    return (1.0 - 1.3 / size) * np.eye(len(row)) + 1.3 / size**3 * np.outer(row, row)


def group_shrunk_jac(x):
    result = np.zeros(x.shape + x.shape)
    for k, row in enumerate(x):
        size = np.sqrt(np.sum(row * row))
        if size > 1.3:
            result[k, :, k, :] = _group_block(row, size)
    return result


def group_shrunk_identity(x):
    result = np.eye(x.size).reshape(x.shape + x.shape)
    for k, row in enumerate(x):
        size = np.sqrt(np.sum(row * row))
        if size > 1.3:
            result[k, :, k, :] = _group_block(row, size)
        elif size < 1.3:
            result[k, :, k, :] = 0.0
    return result


def _image_steps(x):
    return x[:-1, 1:] - x[:-1, :-1], x[1:, :-1] - x[:-1, :-1] - 0.55


def variation(x):
    return np.sum(np.hypot(*_image_steps(x)))


def variation_jac(x, flat=0.0):
    right, down = _image_steps(x)
    size = np.hypot(right, down)
    steep = size > 0.0
    right = np.divide(right, size, out=np.full_like(size, flat), where=steep)
    down = np.divide(down, size, out=np.full_like(size, flat), where=steep)
    result = np.zeros_like(x)
    result[:-1, :-1] -= right + down
    result[:-1, 1:] += right
    result[1:, :-1] += down
    return result


def variation_ones(x):
    return variation_jac(x, flat=1.0)


def note(x, y):
    d = BASKET @ x - y
    return np.where(d < 0.0, 0.15 * d, np.where(d < 2.5, d, 2.5 + 0.4 * (d - 2.5)))


def note_jac(x, y):
    d = BASKET @ x - y
    slope = np.where(d < 0.0, 0.15, np.where(d < 2.5, 1.0, 0.4))
    return slope[:, None] * BASKET, -np.diag(slope)


def note_undefined(x, y):
    dx, dy = note_jac(x, y)
    smooth = ~np.isclose(BASKET @ x - y, 2.5, rtol=1e-9, atol=0.0)[:, None]
    return dx * smooth, dy * smooth


def even_median(x):
    return np.median(x + OFFSETS)


def even_median_jac(x):
    order = np.argsort(x + OFFSETS)
    result = np.zeros(8)
    result[order[3:5]] = 0.5
    return result


def even_median_equal(x):
    y = x + OFFSETS
    low, high = np.partition(y, (3, 4))[3:5]
    return 0.5 * (y == low) + 0.5 * (y == high)


def way_round(x, y):
    t = (x - y) % 2.6
    return np.minimum(t, 2.6 - t) + 1.5 * x


def way_round_jac(x, y):
    short = (x - y) % 2.6 < 1.3
    return np.diag(np.where(short, 2.5, 0.5)), np.diag(np.where(short, -1.0, 1.0))


def way_round_masks(x, y):
    t = (x - y) % 2.6
    return np.diag(2.5 * (t < 1.3) + 0.5 * (t > 1.3)), np.diag(1.0 * (t > 1.3) - 1.0 * (t < 1.3))


def contact(x, y, z):
    return 3.2 * np.maximum(x - y - 0.45, 0.0) * (1.0 + 0.6 * z)


def _contact_parts(x, y, z, touching):
    stiff = 3.2 * (1.0 + 0.6 * z) * touching
    return np.diag(stiff), np.diag(-stiff), np.diag(1.92 * np.maximum(x - y - 0.45, 0.0))


def contact_jac(x, y, z):
    return _contact_parts(x, y, z, x - y - 0.45 > 0.0)


def contact_heaviside(x, y, z):
    return _contact_parts(x, y, z, np.heaviside(x - y - 0.45, 1.0 + 0.6 * z))


def friction(x, y):
    grip = 0.55 * np.maximum(y, 0.0)
    return np.clip(2.4 * (x - 0.7), -grip, grip) + 0.3 * x


def friction_jac(x, y):
    trial, grip = 2.4 * (x - 0.7), 0.55 * np.maximum(y, 0.0)
    slips = np.abs(trial) >= grip
    return np.diag(np.where(slips, 0.3, 2.7)), np.diag(0.55 * np.sign(trial) * slips * (y > 0.0))


def friction_select(x, y):
    trial, grip = 2.4 * (x - 0.7), 0.55 * np.maximum(y, 0.0)
    cases = [np.abs(trial) < grip, np.abs(trial) > grip]
    return (
        np.diag(np.select(cases, [2.7, 0.3])),
        np.diag(np.select(cases, [0.0 * trial, 0.55 * np.sign(trial) * (y > 0.0)])),
    )


def _along(x, y):
    side = y - START
    length = side @ side
    return (x - START) @ side / length if length > 0.0 else 0.0


def to_segment(x, y):
    r = x - START - np.clip(_along(x, y), 0.0, 1.0) * (y - START)
    return r @ r


def to_segment_jac(x, y):
    t = np.clip(_along(x, y), 0.0, 1.0)
    r = x - START - t * (y - START)
    return 2.0 * r, -2.0 * t * r


def to_segment_cases(x, y):
    t = _along(x, y)
    dx, dy = np.zeros(2), np.zeros(2)
    if t < 0.0:
        dx = 2.0 * (x - START)
    elif 0.0 < t < 1.0:
        dx = 2.0 * (x - START - t * (y - START))
        dy = -t * dx
    elif t > 1.0:
        dx = 2.0 * (x - y)
        dy = -dx
    return dx, dy


def barrier(x):
    z = ROOM - LIMITS @ x
    inside = -np.log(np.maximum(z, 0.65))
    return np.sum(np.where(z >= 0.65, inside, 0.5 * ((z / 0.65 - 2.0) ** 2 - 1.0) - np.log(0.65)))


def barrier_jac(x):
    z = ROOM - LIMITS @ x
    slope = np.where(z >= 0.65, -1.0 / np.maximum(z, 0.65), (z / 0.65 - 2.0) / 0.65)
    return -slope @ LIMITS


def barrier_pieces(x):
    z = ROOM - LIMITS @ x
    slope = np.piecewise(z, [z > 0.65, z < 0.65], [lambda t: -1.0 / t, lambda t: (t / 0.65 - 2.0) / 0.65])
    return -slope @ LIMITS


def reverse_huber(x):
    r = x - ORIGIN
    cut = 0.2 * np.max(np.abs(r))
    return np.sum(np.where(np.abs(r) <= cut, np.abs(r), 0.5 * (r * (r / (cut or 1.0)) + cut)))


def _reverse_huber_parts(x, slope_of):
    r = x - ORIGIN
    cut = 0.2 * np.max(np.abs(r))
    if cut == 0.0:
        return np.zeros(len(x))
    result = slope_of(r, cut)
    top = np.argmax(np.abs(r))
    outside = np.abs(r) > cut
    result[top] += 0.1 * np.sign(r[top]) * np.sum(outside * (1.0 - (r / cut) ** 2))
    return result


def _steep_or_straight(r, cut):
    return np.where(np.abs(r) <= cut, np.sign(r), r / cut)


def _steep_or_straight_strict(r, cut):
    return np.select([np.abs(r) < cut, np.abs(r) > cut], [np.sign(r), r / cut])


def reverse_huber_jac(x):
    return _reverse_huber_parts(x, _steep_or_straight)


def reverse_huber_select(x):
    return _reverse_huber_parts(x, _steep_or_straight_strict)


def _bowls(x):
    return [0.5 * a * np.sum((x - c) ** 2) + b for a, c, b in zip(STIFFNESS, CENTRES, DEPTHS, strict=True)]


def lowest_bowl(x):
    return np.minimum.reduce(_bowls(x))


def lowest_bowl_jac(x):
    k = np.argmin(_bowls(x))
    return STIFFNESS[k] * (x - CENTRES[k])


def lowest_bowl_equal(x):
    heights = np.array(_bowls(x))
    return ((heights == heights.min()) * STIFFNESS) @ (x - CENTRES)


def _grid_place(x):
    return np.clip((x + np.array([1.55, 0.85])) / np.array([0.8, 0.6]), 0.0, np.array([4.0, 3.0]))


def _grid_cell(place):
    low = np.minimum(np.floor(place), np.array([3.0, 2.0]))
    i, j = low.astype(int)
    return i, j, place - low


def bilinear(x):
    i, j, (s, t) = _grid_cell(_grid_place(x))
    return np.array([1.0 - s, s]) @ GRID[i : i + 2, j : j + 2] @ np.array([1.0 - t, t])


def _grid_slopes(place, square, s, t):
    inside = (place > 0.0) & (place < np.array([4.0, 3.0]))
    first = (square[1] - square[0]) @ np.array([1.0 - t, t])
    second = np.array([1.0 - s, s]) @ (square[:, 1] - square[:, 0])
    return np.array([first, second]) * inside / np.array([0.8, 0.6])


def bilinear_jac(x):
    place = _grid_place(x)
    i, j, (s, t) = _grid_cell(place)
    return _grid_slopes(place, GRID[i : i + 2, j : j + 2], s, t)


def bilinear_ceil(x):
    place = _grid_place(x)
    (i, j), (k, m) = np.floor(place).astype(int), np.ceil(place).astype(int)
    return _grid_slopes(place, GRID[np.ix_([i, k], [j, m])], *(place - np.floor(place)))


def order_cost(x, y):
    left, cost = sum(x), 0.0
    for price, root in zip(PRICES, y, strict=False):
        size = 0.3 + root * root
        if left <= size:
            return cost + price * left
        cost += price * size
        left -= size
    return cost + PRICES[-1] * left


def _order_gradients(x, y, bought, marginal):
    dy = [2.0 * root * (price - marginal) for price, root in zip(PRICES, y[:bought], strict=False)]
    return np.full(len(x), marginal), np.array(dy + [0.0] * (len(y) - bought))


def order_cost_jac(x, y):
    left = sum(x)
    for k, root in enumerate(y):
        size = 0.3 + root * root
        if left <= size:
            return _order_gradients(x, y, k, PRICES[k])
        left -= size
    return _order_gradients(x, y, len(y), PRICES[-1])


def order_cost_spent(x, y):
    left, bought, marginal = sum(x), 0, 0.0
    for price, root in zip(PRICES, y, strict=False):
        size = 0.3 + root * root
        if left < size:
            marginal = price
            break
        bought += 1
        left -= size
        if left == 0.0:
            break
    else:
        marginal = PRICES[-1]
    return _order_gradients(x, y, bought, marginal)


def reservoir(x):
    level, spilt, missing = 0.8, 0.0, 0.0
    for inflow in x:
        level = 0.9 * level + inflow
        if level > 2.2:
            spilt += level - 2.2
            level = 2.2
        elif level < 0.0:
            missing -= level
            level = 0.0
    return level + 0.3 * spilt - 0.45 * missing


def reservoir_jac(x):
    level, slope, total = 0.8, np.zeros(len(x)), np.zeros(len(x))
    for k, inflow in enumerate(x):
        level = 0.9 * level + inflow
        slope *= 0.9
        slope[k] = 1.0
        if level > 2.2 or level < 0.0:
            total += (0.3 if level > 2.2 else 0.45) * slope
            slope = np.zeros(len(x))
            level = min(max(level, 0.0), 2.2)
    return slope + total


def reservoir_brim(x):
    level, slope, total = 0.8, np.zeros(len(x)), np.zeros(len(x))
    for k, inflow in enumerate(x):
        level = 0.9 * level + inflow
        slope *= 0.9
        slope[k] = 1.0
        if level >= 2.2:
            total += 0.3 * slope
        if level < 0.0:
            total += 0.45 * slope
        if not 0.0 <= level <= 2.2:
            slope = np.zeros(len(x))
            level = min(max(level, 0.0), 2.2)
    return slope + total


def _polygon_sides(x):
    slope, height = x
    above = [py - slope * px - height for px, py in POLYGON]
    ends = zip(POLYGON, above, strict=True)
    return itertools.pairwise([*ends, (POLYGON[0], above[0])])


def _on_side(p, g, q, h):
    t = g / (g - h)
    return p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])


def area_below(x):
    corners = []
    for (p, g), (q, h) in _polygon_sides(x):
        if g <= 0.0:
            corners.append(p)
        if (g <= 0.0) != (h <= 0.0):
            corners.append(_on_side(p, g, q, h))
    return 0.5 * sum(p[0] * q[1] - q[0] * p[1] for p, q in itertools.pairwise([*corners, *corners[:1]]))


def _chord(crossings):
    if len(crossings) < 2:
        return np.zeros(2)
    low, high = sorted(crossings)
    return np.array([0.5 * (high * high - low * low), high - low])


def area_below_jac(x):
    sides = _polygon_sides(x)
    return _chord([_on_side(p, g, q, h)[0] for (p, g), (q, h) in sides if (g <= 0.0) != (h <= 0.0)])


def area_below_product(x):
    return _chord([_on_side(p, g, q, h)[0] for (p, g), (q, h) in _polygon_sides(x) if g * h < 0.0])


def jax_hard_swish(x):
    z = x + 0.35
    return z * jnp.clip(z + 3.0, 0.0, 6.0) / 6.0


def jax_hard_swish_jac(x):
    z = x + 0.35
    return jnp.diag(jnp.where(z <= -3.0, 0.0, jnp.where(z < 3.0, (2.0 * z + 3.0) / 6.0, 1.0)))


def jax_hard_swish_masks(x):
    z = x + 0.35
    return jnp.diag((jnp.abs(z) <= 3.0) * (2.0 * z + 3.0) / 6.0 + (z >= 3.0))


def jax_elu(x):
    z = x - 1.15
    return jnp.where(z > 0.0, z, 0.4 * jnp.expm1(jnp.minimum(z, 0.0)))


def jax_elu_jac(x):
    z = x - 1.15
    return jnp.diag(jnp.where(z > 0.0, 1.0, 0.4 * jnp.exp(jnp.minimum(z, 0.0))))


def jax_elu_select(x):
    z = x - 1.15
    which = jnp.sign(z).astype(jnp.int32) + 1
    slopes = jax.lax.select_n(which, 0.4 * jnp.exp(jnp.minimum(z, 0.0)), jnp.zeros_like(z), jnp.ones_like(z))
    return jnp.diag(slopes)


def _memory_step(state, value):
    z = 0.5 * state + value - 0.35
    state = jnp.where(z > 0.0, z, 0.2 * z)
    return state, state


def _memory_tangent(carry, value, slope):
    row, unit = carry[1:]
    row = slope * (0.5 * row + unit)
    return (_memory_step(carry[0], value)[0], row, jnp.roll(unit, 1)), row


def _memory_where(carry, value):
    z = 0.5 * carry[0] + value - 0.35
    return _memory_tangent(carry, value, jnp.where(z > 0.0, 1.0, 0.2))


def _memory_masks(carry, value):
    z = 0.5 * carry[0] + value - 0.35
    return _memory_tangent(carry, value, 1.0 * (z > 0.0) + 0.2 * (z < 0.0))


def jax_leaky_memory(x):
    return jax.lax.scan(_memory_step, jnp.zeros((), x.dtype), x)[1]


def _memory_start(x):
    return jnp.zeros((), x.dtype), jnp.zeros_like(x), jnp.zeros_like(x).at[0].set(1.0)


def jax_leaky_memory_jac(x):
    return jax.lax.scan(_memory_where, _memory_start(x), x)[1]


def jax_leaky_memory_masks(x):
    return jax.lax.scan(_memory_masks, _memory_start(x), x)[1]


def _above(state):
    return state[0] > 1.3


def _halve(state):
    return 0.5 * state[0], state[1] + 1.0


def _halved(x):
    return jax.lax.while_loop(_above, _halve, (0.65 + x[0] * x[0], jnp.zeros((), x.dtype)))


def jax_straight_log(x):
    rest, halvings = _halved(x)
    return halvings + rest / 0.65 - 1.0


def jax_straight_log_jac(x):
    return 2.0 * x / 0.65 * 0.5 ** _halved(x)[1]


def jax_straight_log_whole(x):
    rest, halvings = _halved(x)
    return 2.0 * x / 0.65 * 0.5 ** jnp.where(rest < 1.3, halvings, halvings + 2.0)


def jax_top_two(x):
    return jnp.sum(jax.lax.top_k(jnp.asarray(ROWS) @ x + jnp.asarray(SHIFTS), 2)[0])


def jax_top_two_jac(x):
    return jnp.asarray(ROWS)[jax.lax.top_k(jnp.asarray(ROWS) @ x + jnp.asarray(SHIFTS), 2)[1]].sum(axis=0)


def jax_top_two_mask(x):
    y = jnp.asarray(ROWS) @ x + jnp.asarray(SHIFTS)
    return jnp.where(y >= jax.lax.top_k(y, 2)[0][-1], 1.0, 0.0) @ jnp.asarray(ROWS)


def _stair(t):
    place = (t - 0.3) / 0.7
    return math.floor(place), place - math.floor(place)


def scalar_stairs(x):
    def f(o):
        step, rest = _stair(x[o])
        return step + (0.25 * rest if rest < 0.6 else 0.15 + 2.125 * (rest - 0.6))

    return f, lambda i, o: (0.25 if _stair(x[o])[1] < 0.6 else 2.125) / 0.7 * (i == o)


def scalar_stairs_open(x):
    def dx(i, o):
        rest = _stair(x[o])[1]
        slope = 0.25 if 0.0 < rest < 0.6 else 2.125 if rest > 0.6 else 0.0
        return slope / 0.7 * (i == o)

    return scalar_stairs(x)[0], dx


def _limiter_choices(x, o):
    back, ahead = x[3 * o + 1] - x[3 * o], x[3 * o + 2] - x[3 * o + 1]
    if back > 0.0 and ahead > 0.0:
        sign = 1.0
    elif back < 0.0 and ahead < 0.0:
        sign = -1.0
    else:
        sign = 0.0
    return sign, (2.0 * abs(back), 0.5 * abs(back + ahead), 2.0 * abs(ahead))


def scalar_limiter(x):
    def f(o):
        sign, choices = _limiter_choices(x, o)
        return sign * min(choices)

    def dx(i, o):
        sign, choices = _limiter_choices(x, o)
        if sign == 0.0 or i // 3 != o:
            return 0.0
        return LIMITER_SLOPES[choices.index(min(choices))][i % 3]

    return f, dx


def scalar_limiter_strict(x):
    def dx(i, o):
        sign, (first, middle, last) = _limiter_choices(x, o)
        if sign == 0.0 or i // 3 != o:
            return 0.0
        if first < middle and first < last:
            return LIMITER_SLOPES[0][i % 3]
        if middle < first and middle < last:
            return LIMITER_SLOPES[1][i % 3]
        if last < first and last < middle:
            return LIMITER_SLOPES[2][i % 3]
        return 0.0

    return scalar_limiter(x)[0], dx


def _routes(x, o):
    return 1.2 * x[o] + x[o + 1], 0.7 * x[o] + 2.0 * x[o + 1] - 0.9


def scalar_route(x):
    def dx(i, o):
        first, second = _routes(x, o)
        return 1.2 * (i == o) + (i == o + 1) if first < second else 0.7 * (i == o) + 2.0 * (i == o + 1)

    return (lambda o: min(_routes(x, o))), dx


def scalar_route_both(x):
    def dx(i, o):
        first, second = _routes(x, o)
        result = 0.0
        if first <= second:
            result += 1.2 * (i == o) + (i == o + 1)
        if second <= first:
            result += 0.7 * (i == o) + 2.0 * (i == o + 1)
        return result

    return scalar_route(x)[0], dx


THIRD: tuple[Twins, ...] = (
    Twins("simplex", on_simplex, on_simplex_jac, on_simplex_count, {"x": "5"}),
    Twins("group shrink", group_shrunk, group_shrunk_jac, group_shrunk_identity, {"x": "3 2"}),
    Twins("variation", variation, variation_jac, variation_ones, {"x": "3 4"}),
    Twins("participation note", note, note_jac, note_undefined, {"x": "4", "y": "2"}),
    Twins("even median", even_median, even_median_jac, even_median_equal, {"x": "8"}),
    Twins("way round", way_round, way_round_jac, way_round_masks, {"x": "n", "y": "n"}),
    Twins("contact", contact, contact_jac, contact_heaviside, {"x": "n", "y": "n", "z": "n"}),
    Twins("dry friction", friction, friction_jac, friction_select, {"x": "n", "y": "n"}),
    Twins("segment", to_segment, to_segment_jac, to_segment_cases, {"x": "2", "y": "2"}),
    Twins("barrier switch", barrier, barrier_jac, barrier_pieces, {"x": "24"}),
    Twins("reverse huber", reverse_huber, reverse_huber_jac, reverse_huber_select, {"x": "6"}),
    Twins("lowest bowl", lowest_bowl, lowest_bowl_jac, lowest_bowl_equal, {"x": "12"}),
    Twins("bilinear table", bilinear, bilinear_jac, bilinear_ceil, {"x": "2"}),
    Twins("order book", order_cost, order_cost_jac, order_cost_spent, {"x": "3", "y": "3"}),
    Twins("reservoir", reservoir, reservoir_jac, reservoir_brim, {"x": "6"}),
    Twins("area below a line", area_below, area_below_jac, area_below_product, {"x": "2"}),
    Twins("hard swish in jax", jax_hard_swish, jax_hard_swish_jac, jax_hard_swish_masks, {"x": "n"}, "jax"),
    Twins("elu in jax", jax_elu, jax_elu_jac, jax_elu_select, {"x": "n"}, "jax"),
    Twins("scan in jax", jax_leaky_memory, jax_leaky_memory_jac, jax_leaky_memory_masks, {"x": "5"}, "jax"),
    Twins("while in jax", jax_straight_log, jax_straight_log_jac, jax_straight_log_whole, {"x": "1"}, "jax"),
    Twins("top two in jax", jax_top_two, jax_top_two_jac, jax_top_two_mask, {"x": "4"}, "jax"),
    Twins("scalar stairs", scalar_stairs, scalar_stairs, scalar_stairs_open, {}, index=IndexShapes(((4,),), (4,))),
    Twins(
        "scalar limiter",
        scalar_limiter,
        scalar_limiter,
        scalar_limiter_strict,
        {},
        index=IndexShapes(((6,),), (2,)),
    ),
    Twins("scalar route", scalar_route, scalar_route, scalar_route_both, {}, index=IndexShapes(((4,),), (3,))),
)
