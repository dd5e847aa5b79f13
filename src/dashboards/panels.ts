import { kafkaMetrics } from '../metrics/index.ts'
import type { Panel, PanelKind, Target, Variable } from './dashboards.ts'
import type { Terms } from './terms.ts'

type Extras = Pick<Panel, 'limits' | 'isStacked'>

const panel =
  (kind: PanelKind) =>
  (title: string, unit: string, about: string, targets: string | readonly Target[], extras: Extras = {}): Panel => ({
    ...{ title, unit, about, kind },
    targets: typeof targets === 'string' ? [{ expr: targets, legend: '' }] : targets,
    ...extras,
  })

export const number = panel('number')
export const lines = panel('lines')
export const table = panel('table')

export const target = (expr: string, legend: string): Target => ({ expr, legend })

export const ONE_IS_GOOD = { limits: { only: 1 } }
/** Anything of it is bad. */
export const NONE_IS_GOOD = { limits: { bad: 1 } }

const metadataNodes = (terms: Terms): string => terms.gauge(kafkaMetrics.raftLeader)

/** One of the clusters that are scraped, and what the reader chooses within it. */
export const variables = (terms: Terms, ...others: readonly Variable[]): Variable[] => [
  {
    ...{ name: 'cluster', label: 'Cluster', isMany: false },
    query: `label_values(${metadataNodes(terms.everywhere())}, ${terms.clusterLabel})`,
  },
  ...others,
]

export const instanceVariable = (terms: Terms): Variable => ({
  ...{ name: 'instance', label: 'Node', isMany: true },
  query: `label_values(${metadataNodes(terms)}, instance)`,
})
