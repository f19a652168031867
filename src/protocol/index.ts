export * from './version';
export type * from './library';
export type * from './requests';
export type * from './events';
export type * from './kernel';
