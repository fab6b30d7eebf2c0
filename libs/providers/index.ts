export { ProviderCatalogModule } from './provider-catalog.module.js';
