export * from './provider-catalog.module.js';
