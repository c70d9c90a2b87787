import { render } from 'preact';
import { ServiceApp } from './service/model/service-app.js';
import { ServiceView } from './service/service-view.js';
import './service/styles/service.css';

const root = document.getElementById('app');
if (root === null) throw new Error('the page must hold an element with the id "app"');

const app = new ServiceApp();
render(<ServiceView app={app} />, root);
void app.open();
