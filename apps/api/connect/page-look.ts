import { Injectable } from '@nestjs/common';
import { VisitLimiter } from '#connect';
import { TenantRepository } from '#vault';
import { readableOn } from './readable-on.js';

/** Of a page: what is put into its style and over its text. */
export interface PageLook {
  readonly css: string;
  readonly bar: string;
}

/** The look that a tenant has given its pages, if any. */
@Injectable()
export class PageLooks {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly visits: VisitLimiter,
  ) {}

  /** A page that cannot be made pretty is shown all the same. */
  async of(tenantId: string): Promise<PageLook | undefined> {
    const shown = await this.visits.resume(() => this.tenants.branding(tenantId)).catch(() => undefined);
    if (!shown) return undefined;
    const { name, logo, colour = '#ffffff' } = shown;
    return {
      css: `header{display:flex;flex-wrap:wrap;align-items:center;gap:.8rem;padding:.8rem 1rem;font-weight:600;background:${escaped(colour)};color:${readableOn(colour)};overflow-wrap:anywhere}header img{max-height:2.5rem;max-width:60vw}`,
      bar: `<header>${logo === undefined ? '' : `<img alt="" src="${escaped(logo)}">`}<span>${escaped(name)}</span></header>\n`,
    };
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
