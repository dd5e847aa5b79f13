/**
 * top: a cluster as it is now, on a terminal. Samples come from a cluster or a recording, the model says what they mean, the screen is a
 * function of the model and of what a person chose, the views put it on the terminal.
 *
 *     sampler ─► Sample ─► model ─► Model ─┐
 *     recording ─┘                         ├─► screen/frame ─► lines ─► views (ink)
 *     keys ─► screen/keys ─► UiState ──────┘
 *
 * Invariants: knows a cluster through client alone; model and screen are pure and take the time from outside; what is not known is never
 * shown as 0; a broker that does not answer holds up nothing but its own figures; nothing is changed without a yes to the command shown.
 */
export type { BrokerModel } from './model/brokers.ts'
export type { GroupModel, GroupPartition } from './model/groups.ts'
export type { Model } from './model/model.ts'
export type { MoveModel } from './model/moves.ts'
export type { TopicModel } from './model/topics.ts'
export type { RecordingReader, RecordingWriter } from './recording.ts'
export { type Attention, noAttention, type QuorumReplicaSample, type Sample } from './sample.ts'
export type { MetricsPages, Sampler, SamplerOptions } from './sampler/sampler.ts'
export type { Panel } from './screen/panel.ts'
export type { EventRow, TransactionRow } from './screen/panels/cluster.ts'
export { type PanelId, panelIds } from './screen/panels/index.ts'
export type { SampleSource, SessionWorld, TopSession } from './session.ts'
export type { LiveOptions, LiveScreen } from './views/live.ts'

export const loadSampler = async () => ({ ...(await import('./sampler/sampler.ts')), ...(await import('./hiding-source.ts')) })
export const loadRecording = () => import('./recording.ts')
export const loadSession = async () => ({
  ...(await import('./model/model.ts')),
  ...(await import('./session.ts')),
  ...(await import('./screen/frame.ts')),
  ...(await import('./screen/line.ts')),
  ...(await import('./screen/ui-state.ts')),
  ...(await import('./screen/panel.ts')),
  ...(await import('./screen/panels/index.ts')),
  jsonOf: (await import('./screen/keys.ts')).jsonOf,
})

/** ink and React, the slow part: only for a terminal. */
export async function loadLive(): Promise<typeof import('./views/live.ts')> {
  // React checks itself in every render unless it is told that this is no place for it.
  process.env.NODE_ENV ??= 'production'
  return import('./views/live.ts')
}
