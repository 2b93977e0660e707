export { sdkApplication, type SdkContext, type SdkFactory } from './sdk-application.ts'
export { SdkAdapterError } from './errors.ts'
export type { SdkAuthInfo } from './auth-info.ts'
export type { LegacyOptions, SdkApplicationOptions } from './options.ts'
