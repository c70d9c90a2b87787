import type { AdminView } from '../../model/route.js';
import type { ServiceApp } from '../../model/service-app.js';
import { ApiKeysPage } from './api-keys.js';
import { AuditPage } from './audit.js';
import { ErasePage } from './erase.js';
import { MeetingTypesPage } from './meeting-types.js';
import { OrganisationPage } from './organisation.js';
import { OrganisersPage } from './organisers.js';

export function AdminPage({ app, view }: { app: ServiceApp; view: AdminView }) {
  switch (view) {
    case 'organisation':
      return <OrganisationPage app={app} />;
    case 'organisers':
      return <OrganisersPage app={app} />;
    case 'meeting-types':
      return <MeetingTypesPage app={app} />;
    case 'api-keys':
      return <ApiKeysPage app={app} />;
    case 'audit':
      return <AuditPage app={app} />;
    case 'erase':
      return <ErasePage app={app} />;
  }
}
