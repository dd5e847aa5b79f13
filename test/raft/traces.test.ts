import { testTraces } from '../base/trace.ts'
import { playRaft } from './core-trace.ts'

testTraces('raft, by script', import.meta.dirname, playRaft)
