import type { Drill, Panel } from '../panel.ts'
import { brokerPartitionsPanel, brokersPanel } from './brokers.ts'
import { eventsPanel, movesPanel, quorumPanel, transactionsPanel } from './cluster.ts'
import { groupPartitionsPanel, groupsPanel } from './groups.ts'
import { topicPartitionsPanel, topicsPanel } from './topics.ts'

export const panelIds = ['groups', 'topics', 'brokers', 'quorum', 'moves', 'txns', 'events'] as const
export type PanelId = (typeof panelIds)[number]

/** In the order of their keys, 1 to 7. */
export const panels: Readonly<Record<PanelId, Panel>> = {
  groups: groupsPanel,
  topics: topicsPanel,
  brokers: brokersPanel,
  quorum: quorumPanel,
  moves: movesPanel,
  txns: transactionsPanel,
  events: eventsPanel,
}

export const drillPanels: Readonly<Record<Drill['kind'], Panel>> = {
  group: groupPartitionsPanel,
  topic: topicPartitionsPanel,
  broker: brokerPartitionsPanel,
}
