import t from 'tap';
import uWS from 'uWebSockets.js';
import { httpSuite } from './http-suite.js';

httpSuite(t, uWS);
