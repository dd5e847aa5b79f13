import { brokersDashboard } from './brokers-dashboard.ts'
import { clusterDashboard } from './cluster-dashboard.ts'
import { controllerDashboard } from './controller-dashboard.ts'
import { groupsDashboard } from './groups-dashboard.ts'
import { Terms, type TermsOptions } from './terms.ts'
import { topicsDashboard } from './topics-dashboard.ts'

/** A variable that the reader of a dashboard chooses; `query` as Grafana takes it. */
export interface Variable {
  readonly name: string
  readonly label: string
  readonly query: string
  /** Several can be chosen, and at first all are. */
  readonly isMany: boolean
}

/** Limits from which on a number is drawn in another color; or the only number that is good. */
export type Limits = { readonly warn?: number; readonly bad?: number } | { readonly only: number }

export interface Target {
  readonly expr: string
  /** `{{label}}` stands for its value. */
  readonly legend: string
}

/** number: the latest value, large; lines: over time; table: a row for each series, as it is now. */
export type PanelKind = 'number' | 'lines' | 'table'

export interface Panel {
  readonly title: string
  /** What it means, and what to think of it. */
  readonly about: string
  readonly kind: PanelKind
  /** As Grafana calls it: short, Bps, bytes, ms, s, percentunit, ops, none. */
  readonly unit: string
  readonly targets: readonly Target[]
  readonly limits?: Limits
  /** Series are drawn on top of each other. */
  readonly isStacked?: boolean
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Dashboard {
  readonly title: string
  readonly about: string
  readonly variables: readonly Variable[]
  readonly rows: readonly Row[]
}

const makers = {
  cluster: clusterDashboard,
  brokers: brokersDashboard,
  topics: topicsDashboard,
  groups: groupsDashboard,
  controller: controllerDashboard,
} as const satisfies Record<string, (terms: Terms) => Dashboard>

export type DashboardName = keyof typeof makers
export const dashboardNames = Object.keys(makers) as DashboardName[]

export const dashboards = (options: TermsOptions): Record<DashboardName, Dashboard> => {
  const terms = new Terms(options, [`${options.clusterLabel}="$cluster"`])
  const made = Object.entries(makers).map(([name, make]) => [name, make(terms)] as const)
  return Object.fromEntries(made) as Record<DashboardName, Dashboard>
}

export const expressionsOf = ({ rows }: Dashboard): string[] =>
  rows.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))
