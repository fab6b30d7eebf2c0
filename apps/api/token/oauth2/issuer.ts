import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InjectSettings, type Settings } from '#config';

/** Where this installation is, for clients that get its address from its metadata. */
@Injectable()
export class Issuer {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /** `GRANTKEEPER_PUBLIC_URL`, or the bound origin. */
  url(): string {
    const { publicUrl, host, port } = this.settings;
    if (publicUrl !== undefined) return publicUrl;
    const bound = this.adapterHost.httpAdapter.getHttpServer().address() as AddressInfo | null;
    return `http://${host.includes(':') ? `[${host}]` : host}:${bound?.port ?? port}`;
  }

  /** Callers inside reach it under another name than browsers do: the one in their request. */
  origins(host: string): readonly string[] {
    return [this.url(), `http://${host}`, `https://${host}`];
  }
}
