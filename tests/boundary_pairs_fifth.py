"""Pairs written without a look at the search, and committed before their first run."""

from __future__ import annotations

import itertools
import math

import jax.numpy as jnp
import numpy as np
from boundary_cases import Twins, weights

from jacfuzz.target import IndexShapes

DOSES, PATIENTS = weights(501, 5), 0.3 + np.abs(weights(502, 5))
PLAY, PLAY_MIX, PLAY_START = 0.2 + np.abs(weights(503, 2)), weights(504, 2), 0.1 * weights(505, 2)
STIFFNESS, YIELD, HARDENING = np.eye(3) + 0.3 * weights(506, 3, 3), 1.15, 0.35
RESIDUAL, BACK_STRESS = 0.2 * weights(507, 3), 0.3 * weights(508, 3)
CROWD, CROWDING, INFLOW = 0.9 + 0.3 * weights(509, 4), 0.4 + np.abs(weights(510, 4)), 0.55
CRITICAL, JAM, WAVE_SPEED = 0.75, 3.75, 0.25
SUN, DRAW, CAPACITY, EFFICIENCY = 0.5 + np.abs(weights(511, 4)), 0.3 * weights(512, 4), 1.9, 0.9
WALL, ROOF, BALL, BLEND = weights(513, 3), weights(514, 3), weights(515, 3), 0.9
FEED, STOCK, PARTS = weights(516, 3, 4), 1.0 + weights(517, 3), 0.5 + np.abs(weights(518, 3))
CRITERIA, STANDARDS, IMPORTANCE = weights(519, 4, 3), weights(520, 4), 0.2 + np.abs(weights(521, 4))
MEMBERS = np.array([[place >> k & 1 for k in range(4)] for place in range(16)])
MEASURE = (MEMBERS @ IMPORTANCE) ** 0.6
OBSERVED, LOG_SHARES, WIDTHS = 1.5 * weights(522, 5), -np.abs(weights(523, 3)), 0.6 + np.abs(weights(524, 3))
WEAR, WEAR_START = weights(525, 3, 2, 3), weights(526, 3, 2)
FIELD, GRID_SCALE, GRID_START = weights(527, 7), 1.3 + 0.1 * weights(528, 1)[0], weights(529, 1)[0]
BEARINGS = 0.4 * np.pi * np.arange(5) + 0.2 * weights(530, 5)
RIDGES = (0.7 + np.abs(weights(531, 5)))[:, None] * np.stack([np.cos(BEARINGS), np.sin(BEARINGS)], axis=1)
SUMMIT, RIDGE_HEIGHTS = weights(532, 2), weights(533, 5)
FACES = np.stack([np.linalg.solve(RIDGES[[k, (k + 1) % 5]], RIDGE_HEIGHTS[[k, (k + 1) % 5]] - 1.6) for k in range(5)])
SITES, TERRAIN = 1.5 * weights(534, 4, 2), np.array([1.0, 0.7])
CABLES = tuple(itertools.combinations(range(4), 2))
THRESHOLD = 0.3 + 0.2 * weights(535, 1)[0]
SPIN_SCALE, SPIN, ARM = 0.6 + np.abs(weights(557, 3)), weights(537, 3), weights(538, 3)
STRIKES, UP, DISCOUNT, CHANCE = 1.1 + 0.1 * weights(539, 4), 1.15, 0.97, 0.52
BEFORE = ((), (), (0,), (0, 1), (2, 3), (1, 3), (4, 5))
EFFORT, HANDOVER = 2.0 + np.abs(weights(540, 7)), 0.3 * weights(541, 7, 7)
SYMBOLS, SYMBOL_SCALE = weights(542, 5), 0.4 + np.abs(weights(543, 5))
TAPS, OFFSETS, COMPRESSION = weights(544, 3, 4), 0.3 * weights(545, 3), 8.7
PAYOFFS, STAKES = weights(546, 2, 4, 3), weights(547, 2, 4)
LOOPS = np.array([[1.0, 1.0, -1.0, 0.0, 0.0], [0.0, -1.0, 0.0, 1.0, 1.0]])
FIRST_GUESS, ROUGHNESS, PUMPS = weights(548, 5), 0.5 + np.abs(weights(549, 5)), weights(550, 2)
NIGHT, DAY, BASE = tuple(weights(551, 3)), tuple(0.5 + weights(552, 3)), 0.83
GAPS, TASKS = tuple(0.9 + 0.3 * weights(553, 3)), tuple(0.8 + 0.3 * weights(554, 3))
METERS, STANDING = tuple(0.5 + np.abs(weights(555, 6))), tuple(1.0 + 0.4 * weights(556, 6))


def _pools(x):
    pools = []
    for mass, height in zip(PATIENTS, 1.2 * x + DOSES, strict=True):
        pools.append((mass * height, mass, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last, before = pools.pop(), pools.pop()
            pools.append(tuple(one + other for one, other in zip(before, last, strict=True)))
    return pools


def isotonic(x):
    return np.array([total / mass for total, mass, size in _pools(x) for _ in range(size)])


def isotonic_jac(x):
    result, start = np.zeros((5, 5)), 0
    for _, mass, size in _pools(x):
        block = slice(start, start + size)
        result[block, block] = 1.2 * PATIENTS[block] / mass
        start += size
    return result


def isotonic_levels(x):
    level = isotonic(x)
    masses = np.array([mass for _, mass, size in _pools(x) for _ in range(size)])
    return 1.2 * (level[:, None] == level) * PATIENTS / masses[:, None]


def backlash(x):
    drive, state, result = 0.0, PLAY_START, []
    for step in x:
        drive = drive + 0.8 * step
        state = np.minimum(np.maximum(state, drive - PLAY), drive + PLAY)
        result.append(PLAY_MIX @ state)
    return np.array(result)


def _backlash_slopes(x, blend):
    drive, state, result = 0.0, PLAY_START, []
    drive_slope, slope = np.zeros(len(x)), np.zeros((2, len(x)))
    for k, step in enumerate(x):
        drive = drive + 0.8 * step
        drive_slope[k] = 0.8
        pushed = np.minimum(np.maximum(state, drive - PLAY), drive + PLAY)
        moving, resting = blend(state, pushed, drive)
        slope = moving[:, None] * drive_slope + resting[:, None] * slope
        state = pushed
        result.append(PLAY_MIX @ slope)
    return np.array(result)


def _play_engaged(state, pushed, drive):
    moving = (state < drive - PLAY) | (state > drive + PLAY)
    return moving, ~moving


def _play_attained(state, pushed, drive):
    return (pushed == drive - PLAY) | (pushed == drive + PLAY), pushed == state


def backlash_jac(x):
    return _backlash_slopes(x, _play_engaged)


def backlash_attained(x):
    return _backlash_slopes(x, _play_attained)


def return_mapping(x):
    stress, back = RESIDUAL, BACK_STRESS
    for strain in x:
        stress = stress + STIFFNESS @ strain
        over = stress - back
        size = np.sqrt(over @ over)
        if size > YIELD:
            flow = (size - YIELD) / (1.0 + HARDENING) / size * over
            stress, back = stress - flow, back + HARDENING * flow
    return stress


def _tangents(x, shares):
    stress, back = RESIDUAL, BACK_STRESS
    stress_slope, back_slope = np.zeros((3, 2, 3)), np.zeros((3, 2, 3))
    for k, strain in enumerate(x):
        stress = stress + STIFFNESS @ strain
        stress_slope[:, k, :] += STIFFNESS
        over, over_slope = stress - back, stress_slope - back_slope
        size = np.sqrt(over @ over)
        normal = over / max(size, YIELD)
        along = np.tensordot(normal, over_slope, 1)
        excess = (size - YIELD) / (1.0 + HARDENING)
        turn = (over_slope - np.multiply.outer(normal, along)) / max(size, YIELD)
        flow_slope = np.multiply.outer(normal, along) / (1.0 + HARDENING) + excess * turn
        elastic, plastic = shares(size)
        stress_slope = elastic * stress_slope + plastic * (stress_slope - flow_slope)
        back_slope = elastic * back_slope + plastic * (back_slope + HARDENING * flow_slope)
        if size > YIELD:
            stress, back = stress - excess * normal, back + HARDENING * excess * normal
    return stress_slope


def return_mapping_jac(x):
    return _tangents(x, lambda size: (size <= YIELD, size > YIELD))


def return_mapping_both(x):
    return _tangents(x, lambda size: (size <= YIELD, size >= YIELD))


def _sending(k):
    return np.minimum(k, CRITICAL), WAVE_SPEED * (JAM - np.maximum(k, CRITICAL))


def _one_minute(k):
    demand, supply = _sending(k)
    between = np.minimum(demand[:-1], supply[1:])
    entering, leaving = np.minimum(INFLOW, supply[:1]), demand[-1:]
    flows = np.concatenate([entering, between, leaving])
    return k + 0.5 * (flows[:-1] - flows[1:])


def traffic(x):
    return _one_minute(_one_minute(CROWDING * x + CROWD))


def _traffic_slopes(x, regimes):
    k, slope = CROWDING * x + CROWD, np.diag(CROWDING)
    for _ in range(2):
        demand, supply = _sending(k)
        demand_slope = np.where(k <= CRITICAL, 1.0, 0.0)[:, None] * slope
        supply_slope = np.where(k <= CRITICAL, 0.0, -WAVE_SPEED)[:, None] * slope
        free, jammed = regimes(demand[:-1], supply[1:])
        between = free[:, None] * demand_slope[:-1] + jammed[:, None] * supply_slope[1:]
        flows = np.concatenate([(supply[0] < INFLOW) * supply_slope[:1], between, demand_slope[-1:]])
        k, slope = _one_minute(k), slope + 0.5 * (flows[:-1] - flows[1:])
    return slope


def traffic_jac(x):
    return _traffic_slopes(x, lambda demand, supply: (demand <= supply, demand > supply))


def traffic_regimes(x):
    return _traffic_slopes(x, lambda demand, supply: (demand < supply, demand > supply))


def battery(x, y):
    charge, result = 0.4, []
    for power in SUN * x + DRAW - y:
        charge = charge + (EFFICIENCY * power if power >= 0.0 else power / EFFICIENCY)
        charge = min(max(charge, 0.0), CAPACITY)
        result.append(charge)
    return np.array(result)


def _charging(x, y, rate_of):
    charge, row, result = 0.4, np.zeros(4), []
    for k, power in enumerate(SUN * x + DRAW - y):
        charge = charge + (EFFICIENCY * power if power >= 0.0 else power / EFFICIENCY)
        row = row + rate_of(power) * np.eye(4)[k] if 0.0 <= charge <= CAPACITY else np.zeros(4)
        charge = min(max(charge, 0.0), CAPACITY)
        result.append(row)
    return np.array(result) * SUN, -np.array(result)


def battery_jac(x, y):
    return _charging(x, y, lambda power: EFFICIENCY if power >= 0.0 else 1.0 / EFFICIENCY)


def _mode_rate(power):
    modes = {1.0: EFFICIENCY, 0.0: 0.0, -1.0: 1.0 / EFFICIENCY}
    return modes[float(np.sign(power))]


def battery_modes(x, y):
    return _charging(x, y, _mode_rate)


def _solids(x):
    d = x - BALL
    return (WALL @ x - 0.4, WALL), (d @ d - 1.3, 2.0 * d), (ROOF @ x + 0.7, ROOF)


def _joined(a, b):
    blend = np.maximum(1.0 - np.abs(a - b) / BLEND, 0.0)
    return np.minimum(a, b) - 0.25 * BLEND * blend * blend


def smooth_union(x):
    (first, _), (second, _), (third, _) = _solids(x)
    return _joined(_joined(first, second), third)


def _union_slope(x, share):
    (value, slope), *others = _solids(x)
    for other, other_slope in others:
        kept, taken = share(value, other)
        value, slope = _joined(value, other), kept * slope + taken * other_slope
    return slope


def _even_share(a, b):
    kept = min(max(0.5 - 0.5 * (a - b) / BLEND, 0.0), 1.0)
    return kept, 1.0 - kept


def _nearer_share(a, b):
    minor = 0.5 * max(1.0 - abs(a - b) / BLEND, 0.0)
    return (a < b) * (1.0 - minor) + (a > b) * minor, (a < b) * minor + (a > b) * (1.0 - minor)


def smooth_union_jac(x):
    return _union_slope(x, _even_share)


def smooth_union_nearer(x):
    return _union_slope(x, _nearer_share)


def _amounts(x):
    amounts = FEED @ x + STOCK
    return amounts, amounts / PARTS


def reaction(x):
    amounts, turns = _amounts(x)
    extent = np.min(turns)
    return np.concatenate([amounts - PARTS * extent, np.stack([extent])])


def reaction_jac(x):
    _, turns = _amounts(x)
    scarce = np.argmin(turns)
    extent = FEED[scarce] / PARTS[scarce]
    return np.vstack([FEED - np.outer(PARTS, extent), extent])


def reaction_used_up(x):
    _, turns = _amounts(x)
    used_up = turns == np.min(turns)
    extent = np.mean((FEED / PARTS[:, None])[used_up], axis=0)
    left = FEED - np.outer(PARTS, extent)
    left[used_up] = 0.0
    return np.vstack([left, extent])


def choquet(x):
    marks = CRITERIA @ x + STANDARDS
    order = np.argsort(marks)
    coalitions = np.cumsum(2 ** order[::-1])[::-1]
    ranked = marks[order]
    return MEASURE[coalitions] @ np.concatenate([ranked[:1], ranked[1:] - ranked[:-1]])


def choquet_jac(x):
    order = np.argsort(CRITERIA @ x + STANDARDS)
    coalitions = np.cumsum(2 ** order[::-1])[::-1]
    return -np.diff(MEASURE[coalitions], append=0.0) @ CRITERIA[order]


def choquet_levels(x):
    marks = CRITERIA @ x + STANDARDS
    codes = 2 ** np.arange(4)
    at_least, above = (marks >= marks[:, None]) @ codes, (marks > marks[:, None]) @ codes
    return (MEASURE[at_least] - MEASURE[above]) @ CRITERIA


def _log_parts(x):
    scaled = (OBSERVED[:, None] - x) / WIDTHS
    return LOG_SHARES - np.log(WIDTHS) - 0.5 * scaled * scaled, scaled / WIDTHS


def mixture(x):
    parts, _ = _log_parts(x)
    top = np.max(parts, axis=1)
    return np.sum(top + np.log(np.sum(np.exp(parts - top[:, None]), axis=1)))


def mixture_jac(x):
    parts, pull = _log_parts(x)
    sizes = np.exp(parts - np.max(parts, axis=1, keepdims=True))
    return np.sum(sizes / np.sum(sizes, axis=1, keepdims=True) * pull, axis=0)


def mixture_rest(x):
    parts, pull = _log_parts(x)
    top = np.max(parts, axis=1, keepdims=True)
    rest = np.sum(np.exp(parts - top), axis=1, keepdims=True, where=parts < top)
    return np.sum(np.exp(parts - top - np.log1p(rest)) * pull, axis=0)


def _failures(x):
    return WEAR @ x + WEAR_START


def reliability(x):
    return np.prod(1.0 - np.prod(_failures(x), axis=1))


def reliability_jac(x):
    failures = _failures(x)
    stages = 1.0 - np.prod(failures, axis=1)
    others = np.array([np.prod(np.delete(stages, k)) for k in range(3)])
    return -np.einsum("k,kj,kjn->n", others, failures[:, ::-1], WEAR)


def reliability_shares(x):
    failures = _failures(x)
    down = np.prod(failures, axis=1)
    stages = 1.0 - down
    return -np.einsum("k,kj,kjn->n", np.prod(stages) / stages, down[:, None] / failures, WEAR)


def _grid_position(x):
    return (GRID_SCALE * x + GRID_START) % 7.0


def charge_cloud(x):
    place = _grid_position(x)
    k = np.floor(place + 0.5).astype(int)
    d = place - k
    left, right = 0.5 * (0.5 - d) ** 2, 0.5 * (0.5 + d) ** 2
    return left * FIELD[(k - 1) % 7] + (0.75 - d * d) * FIELD[k % 7] + right * FIELD[(k + 1) % 7]


def _cloud_slope(k, d):
    slope = (d - 0.5) * FIELD[(k - 1) % 7] - 2.0 * d * FIELD[k % 7] + (d + 0.5) * FIELD[(k + 1) % 7]
    return np.diag(GRID_SCALE * slope)


def charge_cloud_jac(x):
    place = _grid_position(x)
    k = np.floor(place + 0.5).astype(int)
    return _cloud_slope(k, place - k)


def charge_cloud_nearest(x):
    place = _grid_position(x)
    return _cloud_slope(np.rint(place).astype(int), (place + 0.5) % 1.0 - 0.5)


def _ridge_sides(x):
    d = x - SUMMIT
    sides = d[:, 1:] * RIDGES[:, 0] - d[:, :1] * RIDGES[:, 1]
    return d, sides, np.roll(sides, -1, axis=1)


def mountain(x):
    d, here, ahead = _ridge_sides(x)
    face = np.argmax((here >= 0.0) & (ahead < 0.0), axis=1)
    return 1.6 + np.sum(FACES[face] * d, axis=1)


def _each_point(slopes):
    return np.eye(3)[:, :, None] * slopes[:, None, :]


def mountain_jac(x):
    _, here, ahead = _ridge_sides(x)
    return _each_point(FACES[np.argmax((here >= 0.0) & (ahead < 0.0), axis=1)])


def mountain_inside(x):
    _, here, ahead = _ridge_sides(x)
    return _each_point(((here >= 0.0) & (ahead <= 0.0)) @ FACES)


def _cable_costs(x):
    places = (0.9 * x + SITES) * TERRAIN
    return [np.sum((places[a] - places[b]) ** 2) for a, b in CABLES]


def _cheapest_net(costs):
    part, chosen = list(range(4)), []
    for number in sorted(range(6), key=costs.__getitem__):
        a, b = CABLES[number]
        if part[a] != part[b]:
            chosen.append(number)
            part = [part[a] if label == part[b] else label for label in part]
    return chosen


def cable_net(x):
    costs = _cable_costs(x)
    return sum(costs[number] for number in _cheapest_net(costs))


def _net_slopes(x, chosen):
    places, result = 0.9 * x + SITES, np.zeros((4, 2))
    for a, b in (CABLES[number] for number in chosen):
        pull = 1.8 * TERRAIN**2 * (places[a] - places[b])
        result[a] += pull
        result[b] -= pull
    return result


def cable_net_jac(x):
    return _net_slopes(x, _cheapest_net(_cable_costs(x)))


def cable_net_rounds(x):
    costs, part, chosen = _cable_costs(x), list(range(4)), set()
    while len(set(part)) > 1:
        leaving = [number for number, (a, b) in enumerate(CABLES) if part[a] != part[b]]
        for label in set(part):
            own = [number for number in leaving if label in (part[CABLES[number][0]], part[CABLES[number][1]])]
            cheapest = min(costs[number] for number in own)
            chosen.update(number for number in own if costs[number] == cheapest)
        for a, b in (CABLES[number] for number in chosen):
            part = [part[a] if label == part[b] else label for label in part]
    return _net_slopes(x, chosen)


def _overdrives(x, y):
    source = 1.3 * x + 0.12 * y - THRESHOLD
    return source, source - y


def transistor(x, y):
    source, drain = _overdrives(x, y)
    return 0.5 * np.maximum(source, 0.0) ** 2 - 0.5 * np.maximum(drain, 0.0) ** 2


def _transistor_slopes(gate, channel):
    return np.diag(1.3 * gate), np.diag(0.12 * gate + channel)


def transistor_jac(x, y):
    source, drain = _overdrives(x, y)
    channel = np.maximum(drain, 0.0)
    return _transistor_slopes(np.maximum(source, 0.0) - channel, channel)


def transistor_regions(x, y):
    source, drain = _overdrives(x, y)
    triode = (source >= 0.0) & (drain >= 0.0)
    saturated, reverse = (source >= 0.0) & (drain <= 0.0), (source <= 0.0) & (drain >= 0.0)
    gate = triode * (source - drain) + saturated * source - reverse * drain
    return _transistor_slopes(gate, (triode | reverse) * drain)


def _spin(x):
    spin = SPIN_SCALE * x + SPIN
    return spin, np.sqrt(spin @ spin)


def rotated(x):
    spin, angle = _spin(x)
    swing, lift = np.sinc(angle / np.pi), 0.5 * np.sinc(0.5 * angle / np.pi) ** 2
    return np.cos(angle) * ARM + swing * np.cross(spin, ARM) + lift * (spin @ ARM) * spin


def _spin_series(angle):
    if angle < 1e-4:
        return -1.0 / 3.0, -1.0 / 12.0
    sine, versine = np.sin(angle), 2.0 * np.sin(0.5 * angle) ** 2
    return (angle * np.cos(angle) - sine) / angle**3, (angle * sine - 2.0 * versine) / angle**4


def _rotated_slopes(spin, angle):
    swing, lift = np.sinc(angle / np.pi), 0.5 * np.sinc(0.5 * angle / np.pi) ** 2
    swing_slope, lift_slope = _spin_series(angle)
    along = spin @ ARM
    bend = swing_slope * np.cross(spin, ARM) + lift_slope * along * spin - swing * ARM
    turn = swing * np.cross(np.eye(3), ARM).T + lift * (along * np.eye(3) + np.outer(spin, ARM))
    return (np.outer(bend, spin) + turn) * SPIN_SCALE


def rotated_jac(x):
    return _rotated_slopes(*_spin(x))


def rotated_at_rest(x):
    spin, angle = _spin(x)
    if angle == 0.0:
        return np.zeros((3, 3))
    return _rotated_slopes(spin, angle)


def _exercised(x, y, step, ups):
    return STRIKES[step] + 0.4 * x[step] - (1.0 + 0.3 * y[0]) * UP ** (2 * ups - step)


def put_option(x, y):
    worth = [max(_exercised(x, y, 3, ups), 0.0) for ups in range(4)]
    for step in (2, 1, 0):
        held = [DISCOUNT * (CHANCE * up + (1.0 - CHANCE) * down) for down, up in itertools.pairwise(worth)]
        worth = [max(_exercised(x, y, step, ups), value) for ups, value in enumerate(held)]
    return worth[0]


def _exercise_slope(step, ups):
    return [0.4 * (k == step) for k in range(4)] + [-0.3 * UP ** (2 * ups - step)]


def _hold_slope(down, up):
    return [DISCOUNT * (CHANCE * high + (1.0 - CHANCE) * low) for low, high in zip(down, up, strict=True)]


def _option_slopes(x, y, pick):
    now = [_exercised(x, y, 3, ups) for ups in range(4)]
    worth = [max(value, 0.0) for value in now]
    slopes = [pick(value, 0.0, _exercise_slope(3, ups), [0.0] * 5) for ups, value in enumerate(now)]
    for step in (2, 1, 0):
        now = [_exercised(x, y, step, ups) for ups in range(step + 1)]
        held = [DISCOUNT * (CHANCE * up + (1.0 - CHANCE) * down) for down, up in itertools.pairwise(worth)]
        held_slopes = [_hold_slope(down, up) for down, up in itertools.pairwise(slopes)]
        slopes = [pick(now[ups], held[ups], _exercise_slope(step, ups), held_slopes[ups]) for ups in range(step + 1)]
        worth = [max(value, other) for value, other in zip(now, held, strict=True)]
    return np.array(slopes[0][:4]), np.array(slopes[0][4:])


def _pick_larger(one, other, one_slope, other_slope):
    return one_slope if one >= other else other_slope


def _pick_decided(one, other, one_slope, other_slope):
    slope = [0.0] * 5
    if one > other:
        slope = one_slope
    if other > one:
        slope = other_slope
    return slope


def put_option_jac(x, y):
    return _option_slopes(x, y, _pick_larger)


def put_option_decided(x, y):
    return _option_slopes(x, y, _pick_decided)


def _schedule(x):
    starts, finishes = [], []
    for k, before in enumerate(BEFORE):
        ready = [finishes[task] + HANDOVER[task, k] for task in before]
        starts.append(max(ready) if ready else 0.0)
        finishes.append(starts[k] + EFFORT[k] + 0.7 * x[k])
    return starts, finishes


def project(x):
    return _schedule(x)[1][-1]


def project_jac(x):
    _, finishes = _schedule(x)
    result, task = np.zeros(7), 6
    result[task] = 0.7
    while BEFORE[task]:
        task = max(BEFORE[task], key=lambda other, task=task: finishes[other] + HANDOVER[other, task])
        result[task] = 0.7
    return result


def project_critical(x):
    starts, finishes = _schedule(x)
    critical = {6}
    for k in reversed(range(7)):
        if k in critical:
            critical.update(task for task in BEFORE[k] if finishes[task] + HANDOVER[task, k] == starts[k])
    return np.array([0.7 * (k in critical) for k in range(7)])


def _frequencies(x):
    return [0.2 + scale * (t + start) ** 2 for scale, t, start in zip(SYMBOL_SCALE, x, SYMBOLS, strict=True)]


def code_length(x):
    waiting, total = sorted(_frequencies(x)), 0.0
    while len(waiting) > 1:
        joined = waiting[0] + waiting[1]
        total = total + joined
        waiting = sorted([*waiting[2:], joined])
    return total


def _code_slopes(x, depths):
    return np.array(
        [2.0 * d * scale * (t + s) for d, scale, t, s in zip(depths, SYMBOL_SCALE, x, SYMBOLS, strict=True)]
    )


def code_length_jac(x):
    waiting = sorted((value, [k]) for k, value in enumerate(_frequencies(x)))
    depths = [0] * 5
    while len(waiting) > 1:
        (one, leaves), (other, more), *rest = waiting
        for leaf in leaves + more:
            depths[leaf] += 1
        waiting = sorted([*rest, (one + other, leaves + more)])
    return _code_slopes(x, depths)


def code_length_by_weight(x):
    frequencies = _frequencies(x)
    waiting, leaves_of = sorted(frequencies), {value: [k] for k, value in enumerate(frequencies)}
    depths = [0] * 5
    while len(waiting) > 1:
        one, other, *rest = waiting
        leaves = leaves_of[one] + leaves_of[other]
        for leaf in leaves:
            depths[leaf] += 1
        leaves_of[one + other] = leaves
        waiting = sorted([*rest, one + other])
    return _code_slopes(x, depths)


def _filtered(x):
    return jnp.asarray(TAPS) @ x + jnp.asarray(OFFSETS)


def jax_compander(x):
    y = _filtered(x)
    size, knee = jnp.abs(y), 1.0 / COMPRESSION
    loud = jnp.sign(y) * (1.0 + jnp.log(COMPRESSION * jnp.where(size < knee, knee, size)))
    return jnp.where(size < knee, COMPRESSION * y, loud) / (1.0 + math.log(COMPRESSION))


def _compander_gain(size):
    return 1.0 / jnp.where(size < 1.0 / COMPRESSION, 1.0 / COMPRESSION, size) / (1.0 + math.log(COMPRESSION))


def jax_compander_jac(x):
    return _compander_gain(jnp.abs(_filtered(x)))[:, None] * jnp.asarray(TAPS)


def jax_compander_signs(x):
    y = _filtered(x)
    size_slope = jnp.sign(y)[:, None] * jnp.asarray(TAPS)
    return (jnp.sign(y) * _compander_gain(jnp.abs(y)))[:, None] * size_slope


def _outcomes(x):
    return jnp.asarray(PAYOFFS) @ x + jnp.asarray(STAKES)


def jax_security(x):
    return jnp.max(jnp.min(_outcomes(x), axis=1))


def jax_security_jac(x):
    outcomes = _outcomes(x)
    move = jnp.argmax(jnp.min(outcomes, axis=1))
    return jnp.asarray(PAYOFFS)[move, jnp.argmin(outcomes[move])]


def jax_security_place(x):
    outcomes = _outcomes(x)
    move = jnp.argmax(jnp.min(outcomes, axis=1))
    reply = jnp.sum(jnp.where(outcomes[move] == jnp.min(outcomes[move]), jnp.arange(4), 0))
    return jnp.asarray(PAYOFFS)[move, reply]


def _pipe_flows(x):
    return jnp.asarray(FIRST_GUESS) + x @ jnp.asarray(LOOPS)


def _head_losses(flows):
    return jnp.asarray(ROUGHNESS) * jnp.sign(flows) * jnp.abs(flows) ** 1.852


def jax_pipe_loops(x):
    return jnp.asarray(LOOPS) @ _head_losses(_pipe_flows(x)) - jnp.asarray(PUMPS)


def jax_pipe_loops_jac(x):
    rates = 1.852 * jnp.asarray(ROUGHNESS) * jnp.abs(_pipe_flows(x)) ** 0.852
    return (jnp.asarray(LOOPS) * rates) @ jnp.asarray(LOOPS).T


def jax_pipe_loops_ratio(x):
    flows = _pipe_flows(x)
    return (jnp.asarray(LOOPS) * (1.852 * _head_losses(flows) / flows)) @ jnp.asarray(LOOPS).T


def _day(x, o):
    night, day = 1.1 * x[2 * o] + NIGHT[o], 0.8 * x[2 * o + 1] + 0.15 * x[2 * o] + DAY[o]
    return (night, day, True) if night <= day else (day, night, False)


def _day_chain(i, o, rising, low_slope, high_slope):
    night_slope, day_slope = (low_slope, high_slope) if rising else (high_slope, low_slope)
    return (1.1 * night_slope + 0.15 * day_slope) * (i == 2 * o) + 0.8 * day_slope * (i == 2 * o + 1)


def scalar_degree_days(x):
    def f(o):
        low, high, _ = _day(x, o)
        if low >= BASE:
            return 0.5 * (low + high) - BASE
        return 0.5 * (high - BASE) ** 2 / (high - low) if high > BASE else 0.0

    def dx(i, o):
        low, high, rising = _day(x, o)
        if low >= BASE:
            return _day_chain(i, o, rising, 0.5, 0.5)
        if high <= BASE:
            return 0.0
        share = (high - BASE) / (high - low)
        return _day_chain(i, o, rising, 0.5 * share * share, share - 0.5 * share * share)

    return f, dx


def scalar_degree_days_cases(x):
    def dx(i, o):
        low, high, rising = _day(x, o)
        if low > BASE:
            return _day_chain(i, o, rising, 0.5, 0.5)
        if low < BASE < high:
            share = (high - BASE) / (high - low)
            return _day_chain(i, o, rising, 0.5 * share * share, share - 0.5 * share * share)
        return 0.0

    return scalar_degree_days(x)[0], dx


def _service(x, o):
    free = _service(x, o - 1)[1] + 0.6 * x[o + 2] + TASKS[o - 1] if o > 0 else 0.35
    arrival = sum(0.8 * x[k] + GAPS[k] for k in range(o + 1))
    return arrival, max(arrival, free), free


def scalar_queue(x):
    def dx(i, o):
        result = 0.6 * (i == o + 3)
        while o >= 0:
            arrival, _, free = _service(x, o)
            if arrival >= free:
                return result + 0.8 * (i <= o)
            o -= 1
            result += 0.6 * (i == o + 3) * (o >= 0)
        return result

    return (lambda o: _service(x, o)[1] + 0.6 * x[o + 3] + TASKS[o]), dx


def scalar_queue_cases(x):
    def start(i, o):
        if o < 0:
            return 0.0
        arrival, _, free = _service(x, o)
        if arrival > free:
            return 0.8 * (i <= o)
        return start(i, o - 1) + 0.6 * (i == o + 2) * (o > 0) if arrival < free else 0.0

    return scalar_queue(x)[0], lambda i, o: start(i, o) + 0.6 * (i == o + 3)


def _load(x, k):
    return METERS[k] * x[k] + STANDING[k]


def _billed(x, o):
    ratchet = 0.8 * _billed(x, o - 1) if o > 0 else 0.9
    return max(ratchet, _load(x, 2 * o), _load(x, 2 * o + 1))


def scalar_demand_charge(x):
    def dx(i, o):
        factor = 1.0
        for month in range(o, -1, -1):
            ratchet = 0.8 * _billed(x, month - 1) if month > 0 else 0.9
            busier = max(2 * month, 2 * month + 1, key=lambda k: _load(x, k))
            if _load(x, busier) > ratchet:
                return factor * METERS[busier] * (i == busier)
            factor *= 0.8
        return 0.0

    return (lambda o: _billed(x, o)), dx


def scalar_demand_charge_reached(x):
    def dx(i, o):
        billed, result = _billed(x, o), 0.0
        for k in (2 * o, 2 * o + 1):
            if _load(x, k) == billed:
                result += METERS[k] * (i == k)
        if o > 0 and 0.8 * _billed(x, o - 1) == billed:
            result += 0.8 * dx(i, o - 1)
        return result

    return scalar_demand_charge(x)[0], dx


FIFTH: tuple[Twins, ...] = (
    Twins("isotonic", isotonic, isotonic_jac, isotonic_levels, {"x": "5"}),
    Twins("backlash", backlash, backlash_jac, backlash_attained, {"x": "5"}),
    Twins("return mapping", return_mapping, return_mapping_jac, return_mapping_both, {"x": "2 3"}),
    Twins("traffic", traffic, traffic_jac, traffic_regimes, {"x": "4"}),
    Twins("battery", battery, battery_jac, battery_modes, {"x": "4", "y": "4"}),
    Twins("smooth union", smooth_union, smooth_union_jac, smooth_union_nearer, {"x": "3"}),
    Twins("reaction", reaction, reaction_jac, reaction_used_up, {"x": "4"}),
    Twins("choquet", choquet, choquet_jac, choquet_levels, {"x": "3"}),
    Twins("mixture", mixture, mixture_jac, mixture_rest, {"x": "3"}),
    Twins("reliability", reliability, reliability_jac, reliability_shares, {"x": "3"}),
    Twins("charge cloud", charge_cloud, charge_cloud_jac, charge_cloud_nearest, {"x": "n"}),
    Twins("mountain", mountain, mountain_jac, mountain_inside, {"x": "3 2"}),
    Twins("cable net", cable_net, cable_net_jac, cable_net_rounds, {"x": "4 2"}),
    Twins("transistor", transistor, transistor_jac, transistor_regions, {"x": "n", "y": "n"}),
    Twins("rotated", rotated, rotated_jac, rotated_at_rest, {"x": "3"}),
    Twins("put option", put_option, put_option_jac, put_option_decided, {"x": "4", "y": "1"}),
    Twins("project", project, project_jac, project_critical, {"x": "7"}),
    Twins("code length", code_length, code_length_jac, code_length_by_weight, {"x": "5"}),
    Twins("compander in jax", jax_compander, jax_compander_jac, jax_compander_signs, {"x": "4"}, "jax"),
    Twins("security level in jax", jax_security, jax_security_jac, jax_security_place, {"x": "3"}, "jax"),
    Twins("pipe loops in jax", jax_pipe_loops, jax_pipe_loops_jac, jax_pipe_loops_ratio, {"x": "2"}, "jax"),
    Twins(
        "scalar degree days",
        scalar_degree_days,
        scalar_degree_days,
        scalar_degree_days_cases,
        {},
        index=IndexShapes(((6,),), (3,)),
    ),
    Twins("scalar queue", scalar_queue, scalar_queue, scalar_queue_cases, {}, index=IndexShapes(((6,),), (3,))),
    Twins(
        "scalar demand charge",
        scalar_demand_charge,
        scalar_demand_charge,
        scalar_demand_charge_reached,
        {},
        index=IndexShapes(((6,),), (3,)),
    ),
)
