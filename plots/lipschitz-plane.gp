# lipschitz-plane.gp -- $KL$ of the best map of the line for two modes at $+-2$
# of width $1/2$ with slopes in $[1/M, L]$: a stretch beyond $1/s = 2$ buys
# nothing, a squeeze buys slowly up to $M = 1490$. Dashed: $L = 1/s$.
width = 640; height = 480
load 'plots/style.gp'

file = out.'/lipschitz-curve.csv'
set logscale xy
set xrange [0.23:17.4]
set yrange [0.44:291]
set xlabel 'budget L on the map'
set ylabel 'budget M on its inverse'
set cblabel 'KL [nats]'
set logscale cb
set cbrange [0.002:4]
set cbtics (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
set lmargin 10
set rmargin 14
unset key
plane(x) = stringcolumn('part') eq 'plane' ? x : NaN
set datafile missing NaN
set arrow 1 from 2, graph 0 to 2, graph 1 nohead ls theory front
set label 1 'L = 1/s' at 2, graph 1.035 center
set tmargin 2
set label 2 'L M < 1: no map' at 0.3, 0.75 front font ',11'
dx = 64 ** (0.5 / 24)
dy = 512 ** (0.5 / 24)
l(n) = plane(column('lip_budget'))
m(n) = plane(column('inverse_budget'))
set style fill solid 1 noborder
plot file using (l(0)):(m(0)):(l(0) / dx):(l(0) * dx):(m(0) / dy):(m(0) * dy):(column('kl_nats')) \
         with boxxyerror lc palette
