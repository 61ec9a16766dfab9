import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.DefaultServlet;
import org.eclipse.jetty.servlet.ServletContextHandler;

/** Serves the cores under solr.solr.home at /solr on 127.0.0.1: the listener and the filter that Solr's own web.xml names. */
class SolrOnLoopback {
  public static void main(String[] none) throws Exception {
    var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), Integer.getInteger("jetty.port"));
    var solr = new ServletContextHandler(ServletContextHandler.NO_SESSIONS);
    solr.setContextPath("/solr");
    Path empty = Files.createTempDirectory("solr-no-static-files");
    empty.toFile().deleteOnExit();
    solr.setResourceBase(empty.toString());
    solr.addEventListener(new CoreContainerProvider());
    solr.addFilter(SolrDispatchFilter.class, "/*", EnumSet.of(DispatcherType.REQUEST));
    solr.addServlet(DefaultServlet.class, "/"); // a filter is only asked where a servlet stands behind it
    var server = new Server(address);
    server.setHandler(solr);
    server.setStopAtShutdown(true);
    server.start();
    server.join();
  }
}
