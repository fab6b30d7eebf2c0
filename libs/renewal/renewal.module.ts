import { type DynamicModule, Module } from '@nestjs/common';
import { SETTINGS } from '#config';
import { JournalSet } from '#journal';
import { VaultModule } from '#vault';
import { Claims } from './claims.js';
import { LeaseTimes } from './lease-times.js';
import { RenewalLimits } from './limits/renewal-limits.js';
import { RequestSlots } from './limits/request-slots.js';
import { RunningRenewals } from './limits/running-renewals.js';
import { AccountCheck } from './outcome/account-check.js';
import { FailureWriter } from './outcome/failure-writer.js';
import { TokenWriter } from './outcome/token-writer.js';
import { UnreadAnswers } from './outcome/unread-answers.js';
import { Replay } from './recovery/replay.js';
import { ReplayOne } from './recovery/replay-one.js';
import { ReplaySchedule } from './recovery/replay-schedule.js';
import { RenewalAttempt } from './renewal-attempt.js';
import { Renewer } from './renewer.js';
import { CibaReissue } from './request/ciba-reissue.js';
import { TokenRequest } from './request/token-request.js';
import { RenewalModeService } from './schedule/renewal-mode.service.js';

@Module({})
export class RenewalModule {
  /** @param catalog exports `PROVIDER_REGISTRY`; this lib knows no adapter */
  static with(catalog: NonNullable<DynamicModule['imports']>[number]): DynamicModule {
    return {
      module: RenewalModule,
      imports: [VaultModule, catalog],
      providers: [
        { provide: JournalSet, inject: [SETTINGS], useFactory: JournalSet.open },
        AccountCheck,
        CibaReissue,
        Claims,
        FailureWriter,
        LeaseTimes,
        RenewalAttempt,
        RenewalLimits,
        RenewalModeService,
        Renewer,
        Replay,
        ReplayOne,
        ReplaySchedule,
        RequestSlots,
        RunningRenewals,
        TokenRequest,
        TokenWriter,
        UnreadAnswers,
      ],
      exports: [JournalSet, RenewalModeService, Renewer, ReplaySchedule],
    };
  }
}
