import { type Message, message } from '../schema.ts'

export const ControlRecordTypeSchema = message({
  name: 'ControlRecordTypeSchema',
  kind: 'data',
  versions: '0',
  flexible: 'none',
  fields: {
    type: { type: 'int16', versions: '0+' },
  },
})
export type ControlRecordTypeSchema = Message<typeof ControlRecordTypeSchema>

export const EndTxnMarker = message({
  name: 'EndTxnMarker',
  kind: 'data',
  versions: '0',
  flexible: 'none',
  fields: {
    coordinatorEpoch: { type: 'int32', versions: '0+' },
  },
})
export type EndTxnMarker = Message<typeof EndTxnMarker>

export const KRaftVersionRecord = message({
  name: 'KRaftVersionRecord',
  kind: 'data',
  versions: '0',
  flexible: '0+',
  fields: {
    version: { type: 'int16', versions: '0+' },
    kRaftVersion: { type: 'int16', versions: '0+' },
  },
})
export type KRaftVersionRecord = Message<typeof KRaftVersionRecord>

const voter = {
  voterId: { type: 'int32', versions: '0+' },
  voterDirectoryId: { type: 'uuid', versions: '1+' },
} as const

export const LeaderChangeMessage = message({
  name: 'LeaderChangeMessage',
  kind: 'data',
  versions: '0-1',
  flexible: '0+',
  fields: {
    version: { type: 'int16', versions: '0+' },
    leaderId: { type: 'int32', versions: '0+' },
    voters: { type: [voter], versions: '0+' },
    grantingVoters: { type: [voter], versions: '0+' },
  },
})
export type LeaderChangeMessage = Message<typeof LeaderChangeMessage>

export const SnapshotFooterRecord = message({
  name: 'SnapshotFooterRecord',
  kind: 'data',
  versions: '0',
  flexible: '0+',
  fields: {
    version: { type: 'int16', versions: '0+' },
  },
})
export type SnapshotFooterRecord = Message<typeof SnapshotFooterRecord>

export const SnapshotHeaderRecord = message({
  name: 'SnapshotHeaderRecord',
  kind: 'data',
  versions: '0',
  flexible: '0+',
  fields: {
    version: { type: 'int16', versions: '0+' },
    lastContainedLogTimestamp: { type: 'int64', versions: '0+' },
  },
})
export type SnapshotHeaderRecord = Message<typeof SnapshotHeaderRecord>

export const VotersRecord = message({
  name: 'VotersRecord',
  kind: 'data',
  versions: '0',
  flexible: '0+',
  fields: {
    version: { type: 'int16', versions: '0+' },
    voters: {
      type: [
        {
          voterId: { type: 'int32', versions: '0+' },
          voterDirectoryId: { type: 'uuid', versions: '0+' },
          endpoints: {
            type: [
              {
                name: { type: 'string', versions: '0+', key: true },
                host: { type: 'string', versions: '0+' },
                port: { type: 'uint16', versions: '0+' },
              },
            ],
            versions: '0+',
          },
          kRaftVersionFeature: {
            type: {
              minSupportedVersion: { type: 'int16', versions: '0+' },
              maxSupportedVersion: { type: 'int16', versions: '0+' },
            },
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
  },
})
export type VotersRecord = Message<typeof VotersRecord>
