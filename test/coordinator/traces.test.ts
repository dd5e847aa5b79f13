import { testTraces } from '../base/trace.ts'
import { playGroups } from './group-trace.ts'

testTraces('groups, by script', import.meta.dirname, playGroups)
