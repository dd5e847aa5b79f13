import {
  bootstrapFeatureLevel,
  ConfigResourceTypes,
  configRecord,
  ELIGIBLE_LEADER_REPLICAS_VERSION,
  METADATA_VERSION,
  type MetadataRecord,
  metadataRecord,
  supportsMetadataTransactions,
} from '../metadata/index.ts'
import type { ControllerState } from './state.ts'
import type { Decision } from './types.ts'

/**
 * The first decision of a new active controller. An empty log gets the bootstrap records, in a metadata transaction where the level has
 * them (KIP-868); a transaction that an earlier controller left open is aborted.
 */
export const activate = (state: ControllerState, nowMs: number): Decision<void> => {
  state.heartbeats.activate(nowMs, state.settings.nodeId)
  const { image } = state
  const aborted = image.transactionStartOffset >= 0 ? [metadataRecord('AbortTransactionRecord', 0, { reason: 'Controller failover' })] : []
  if (image.metadataVersion > 0) return { records: aborted, answer: undefined }
  const { bootstrapRecords } = state.settings
  const records: MetadataRecord[] = [...bootstrapRecords]
  // Eligible replicas need one minimum for the whole cluster (KIP-966).
  if (bootstrapFeatureLevel(bootstrapRecords, ELIGIBLE_LEADER_REPLICAS_VERSION) > 0)
    records.push(configRecord(ConfigResourceTypes.BROKER, '', 'min.insync.replicas', String(state.staticMinIsr())))
  if (!supportsMetadataTransactions(bootstrapFeatureLevel(bootstrapRecords, METADATA_VERSION))) return { records, answer: undefined }
  return {
    records: [
      ...aborted,
      metadataRecord('BeginTransactionRecord', 0, { name: 'Bootstrap records' }),
      ...records,
      metadataRecord('EndTransactionRecord', 0, {}),
    ],
    answer: undefined,
    divisible: true,
  }
}
