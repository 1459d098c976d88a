/** Routing: dialled address, caller and time in; who rings, in what order and for how long, or the exact refusal out. */
export { explain, summary } from './explain';
export { createReach, type Reach } from './reach';
export { createRouter, type RouterOptions } from './router';
export type {
  Availability, PlanStage, ReasonCode, Refusal, RefusedRoute, Router, RouteRequest, RouteResult, RouteSource, RoutingPlan,
  Step, StepKind, Target, TargetState,
} from './types';
